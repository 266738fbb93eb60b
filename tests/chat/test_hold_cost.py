"""The hold of a run that is opened, and the length that is sent where a limit leaves little."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from accounts.exceptions import LimitReached
from accounts.models import Hold, LedgerEntry, Limit, LimitWindow
from chat.flows import learn_statistics
from chat.flows.build_request import BuiltRequest, Choice
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.regenerate_answer import regenerate_answer
from chat.flows.send_prompt import start_conversation
from chat.models import Message, Run
from chat.pages.endings import ending_of, longer_for
from chat.pages.receipt import final_receipt, parameter_changes
from playground.estimating.statistics import Statistics
from playground.models import RefusedParameter
from playground.parameters.schema.request_schema import digest_of
from playground.pricing import Estimate
from playground.upstream.answer import Answer
from playground.upstream.events import Finished, TextDelta, UsageReported
from tests.chat.scripted_model import SCHEMA, scripted_model

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(demo, catalogue, monkeypatch):
    endpoint = scripted_model(demo, monkeypatch, lambda reply, body: iter(()))
    endpoint.model.output_max = 100_000
    endpoint.model.save()
    return endpoint


def limited(workspace, amount: int, unit: str = "tokens", **more: Any) -> Limit:
    return Limit.objects.create(workspace=workspace, unit=unit, period="day", amount=amount, **more)


def sent(workspace, user, endpoint, *, is_streamed: bool = True, **parameters: Any) -> Run:
    choice = Choice(endpoint, parameters, is_streamed=is_streamed)
    return start_conversation(workspace, user, "Say hello", choice, uuid.uuid4())


def held(run: Run) -> Hold:
    return Hold.objects.get(run_code=run.code)


def end(run: Run, reason: str = "stop", written: int = 5) -> Run:
    answer = Answer()
    for event in (TextDelta("Hello."), Finished(reason), UsageReported(12, written, None, 12 + written, {})):
        answer.apply(event)
    assert finish_run(run, Outcome(Run.Status.FINISHED, answer), fence=0)
    return Run.objects.get(pk=run.pk)


def test_without_a_limit_nothing_is_sent_along(workspace, alice, model):
    run = sent(workspace, alice, model)
    assert "max_tokens" not in run.body
    assert run.set_by_limit is None
    assert held(run).tokens < 300
    assert run.covered_tokens is not None and run.covered_tokens < held(run).tokens


def test_a_small_limit_does_not_refuse_a_short_answer(workspace, alice, model):
    """Half of the prompts' answers cost less than this; the most that one may cost is far more."""
    limited(workspace, 500, "credits")
    run = sent(workspace, alice, model)
    assert held(run).credits <= 500
    length = run.body["max_tokens"]
    assert run.set_by_limit == {"max_tokens": length}
    assert length * 16 <= 500
    stored = Run.objects.get(pk=run.pk)
    assert (stored.body["max_tokens"], stored.parameters) == (length, {})


@pytest.mark.parametrize(("left", "length"), [(1_000, None), (100_100, None), (99_000, 99_000)])
def test_what_is_left_is_sent_only_where_the_model_could_write_more(workspace, alice, model, left, length):
    model.model.output_max = 900 if left == 1_000 else 100_000
    limited(workspace, left)
    run = sent(workspace, alice, model)
    if length is None:
        assert "max_tokens" not in run.body
    else:
        assert left - 30 < run.body["max_tokens"] < left


@pytest.mark.parametrize(
    ("asked", "left", "sent_length", "stored"),
    [(50, 10_000, 50, None), (50_000, 10_000, 10_000, True), (50_000, 200_000, 50_000, None)],
)
def test_it_is_never_more_than_the_user_asked_for(workspace, alice, model, asked, left, sent_length, stored):
    limited(workspace, left)
    run = sent(workspace, alice, model, max_tokens=asked)
    assert sent_length - 30 < run.body["max_tokens"] <= sent_length
    assert run.parameters == {"max_tokens": asked}
    assert bool(run.set_by_limit) == bool(stored)


def test_a_length_that_was_asked_for_is_refused_with_one_that_fits(workspace, alice, model):
    limited(workspace, 150)
    with pytest.raises(LimitReached) as caught:
        sent(workspace, alice, model, max_tokens=200)
    wanted = caught.value.wanted
    assert wanted is not None
    assert (wanted.parameter, wanted.output_tokens) == ("max_tokens", 200)
    assert 100 < wanted.fitting < 150
    assert "may take up to" in caught.value.text
    assert not Run.objects.exists()
    run = sent(workspace, alice, model, max_tokens=wanted.fitting)
    assert run.body["max_tokens"] == wanted.fitting


def test_below_the_least_useful_length_it_is_refused(workspace, alice, model):
    limited(workspace, 25)
    with pytest.raises(LimitReached) as caught:
        sent(workspace, alice, model)
    assert caught.value.wanted is not None
    assert caught.value.wanted.parameter == ""
    assert "takes at least" in caught.value.text


@pytest.mark.parametrize("unit", ["tokens", "output_tokens", "credits", "usd"])
def test_an_admin_is_asked_for_a_usual_answer_and_not_for_the_least(workspace, alice, model, unit):
    limited(workspace, 1, unit)
    with pytest.raises(LimitReached) as caught:
        sent(workspace, alice, model)
    refusal = caught.value
    assert refusal.wanted is not None
    assert refusal.needed < refusal.to_ask_for
    limited(workspace, refusal.to_ask_for, unit, member=alice)
    Limit.objects.filter(amount=1).delete()
    run = sent(workspace, alice, model)
    assert run.covered_tokens == refusal.wanted.output_tokens


def test_an_admin_is_asked_for_what_a_limit_of_requests_refused(workspace, alice, model):
    limited(workspace, 0, "requests")
    with pytest.raises(LimitReached) as caught:
        sent(workspace, alice, model)
    assert caught.value.to_ask_for == caught.value.needed == 1


def test_an_admin_can_switch_it_off(workspace, alice, model):
    limited(workspace, 5_000)
    workspace.shortens_answers = False
    run = sent(workspace, alice, model)
    assert "max_tokens" not in run.body
    # An answer that comes whole then has to fit.
    with pytest.raises(LimitReached):
        sent(workspace, alice, model, is_streamed=False)


def test_a_parameter_that_the_upstream_refuses_is_not_sent(workspace, alice, model):
    limited(workspace, 5_000)
    RefusedParameter.objects.create(workspace=workspace, endpoint=model, name="max_tokens")
    assert "max_tokens" not in sent(workspace, alice, model).body


def test_nor_one_that_the_schema_does_not_have(workspace, alice, model):
    model.request_schema = {
        **SCHEMA,
        "properties": {name: each for name, each in SCHEMA["properties"].items() if name != "max_tokens"},
    }
    model.schema_digest = digest_of(model.request_schema)
    limited(workspace, 5_000)
    assert "max_tokens" not in sent(workspace, alice, model).body


def test_an_answer_that_comes_whole_holds_what_it_is_sent(workspace, alice, model):
    limited(workspace, 50_000)
    run = sent(workspace, alice, model, is_streamed=False)
    assert run.body["max_tokens"] == run.covered_tokens
    assert held(run).tokens >= run.body["max_tokens"]
    asked = sent(workspace, alice, model, is_streamed=False, max_tokens=20_000)
    assert (asked.body["max_tokens"], asked.covered_tokens) == (20_000, 20_000)


def test_so_does_one_whose_model_hides_its_reasoning(workspace, alice, model):
    model.model.capabilities = ["reasoning"]
    limited(workspace, 50_000)
    assert (sent(workspace, alice, model).covered_tokens or 0) < 1_500
    found = Statistics()
    for _ in range(5):
        found.add_reasoning(is_hidden=True)
    learn_statistics._known[model.model_id] = found
    run = sent(workspace, alice, model)
    assert run.body["max_tokens"] == run.covered_tokens
    learn_statistics.forget_statistics()
    model.model.developer = "OpenAI"
    assert sent(workspace, alice, model).set_by_limit is not None


def test_copies_share_what_is_left(workspace, alice, model):
    model.request_schema = {**SCHEMA, "properties": {**SCHEMA["properties"], "n": {"type": "integer"}}}
    model.schema_digest = digest_of(model.request_schema)
    limited(workspace, 8_000)
    run = sent(workspace, alice, model, n=4)
    assert 1_900 < run.body["max_tokens"] <= 2_000


def test_the_answer_says_that_a_limit_set_its_length(workspace, alice, model):
    limited(workspace, 5_000)
    run = end(sent(workspace, alice, model), "length")
    [change] = parameter_changes(run)
    assert change.name == "max_tokens"
    assert change.words.endswith(", set by a limit")
    assert ending_of(run, run.answer).note.startswith("A limit left no more than max_tokens 4,9")
    assert longer_for([(run, run.message)]) == {}
    assert ("length" in dict(final_receipt(run).details)) is True


def test_asking_again_does_not_repeat_it(workspace, alice, model):
    limit = limited(workspace, 5_000)
    run = end(sent(workspace, alice, model))
    Limit.objects.filter(pk=limit.pk).update(amount=10**9)
    again = regenerate_answer(
        Message.objects.get(run=run), alice, Choice(model, run.parameters), uuid.uuid4()
    )
    assert "max_tokens" not in again.body
    assert again.set_by_limit is None


def test_limits_of_input_tokens_count_a_request_without_an_estimate_of_its_output(
    workspace, alice, model, monkeypatch
):
    monkeypatch.setattr(BuiltRequest, "estimate", lambda request, model: Estimate(5, 40, 40))
    limit = limited(workspace, 30, "input_tokens")
    with pytest.raises(LimitReached):
        sent(workspace, alice, model)
    Limit.objects.filter(pk=limit.pk).update(amount=40)
    run = sent(workspace, alice, model)
    assert (held(run).input_tokens, LimitWindow.objects.get(limit=limit).held) == (40, 40)


@pytest.mark.parametrize("unit", ["tokens", "credits"])
def test_a_reported_length_within_what_was_sent_passes_no_limit(workspace, alice, model, unit):
    limit = limited(workspace, 5_000, unit)
    run = sent(workspace, alice, model, is_streamed=False)
    end(run, "length", run.body["max_tokens"])
    window = LimitWindow.objects.get(limit=limit)
    assert (window.held, window.used <= 5_000) == (0, True)
    assert LedgerEntry.objects.get().output_tokens == run.covered_tokens
