"""Many simultaneous sends, each on a thread and a connection of its own."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts import ledger
from accounts.exceptions import LimitReached
from accounts.models import Hold, Limit, LimitWindow
from chat.exceptions import AnswerPending
from chat.flows.build_request import Choice
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.select_model import select_model
from chat.flows.send_prompt import send_prompt, start_conversation
from chat.models import Conversation, Draft, Message, Run
from playground import pricing
from playground.parameters.schema.request_schema import digest_of
from playground.upstream.answer import Answer
from playground.upstream.events import TextDelta

pytestmark = pytest.mark.django_db(transaction=True)

SENDS = 20


@pytest.fixture
def choice(endpoint, monkeypatch) -> Choice:
    monkeypatch.setattr(pricing, "estimate", lambda *_: pricing.Estimate(credits=75, tokens=10))
    return Choice(endpoint, {})


def at_once(act, times=SENDS):
    """Call ``act`` in as many threads as there are sends; return its results or refusals."""
    ready = Barrier(times)

    def one(number: int):
        try:
            ready.wait(20)
            return act(number)
        except LimitReached as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_twenty_sends_of_75_against_500_are_granted_six_times(workspace, alice, choice):
    Limit.objects.create(workspace=workspace, unit="credits", period="day", amount=500)

    results = at_once(lambda _: start_conversation(workspace, alice, "Hi", choice, uuid.uuid4()))

    runs = [result for result in results if isinstance(result, Run)]
    assert len(runs) == 6
    assert Run.objects.count() == Conversation.objects.count() == 6
    assert Message.objects.count() == 12
    assert LimitWindow.objects.get().held == 450
    assert ledger.audit() == []

    for run in runs:
        assert finish_run(run, Outcome(Run.Status.STOPPED, Answer()), fence=0)
    assert not Hold.objects.filter(state=Hold.State.OPEN).exists()
    assert LimitWindow.objects.get().held == 0
    assert ledger.audit() == []


@pytest.mark.parametrize("unit", ["credits", "tokens"])
@pytest.mark.parametrize("asked", [10**12, 10**30, int("9" * 30), 1e30, "9" * 30])
def test_twelve_sends_of_an_absurd_length_pass_no_limit(workspace, alice, endpoint, unit, asked):
    """A schema without bounds, of a model without a known maximum, takes any length.

    An answer that comes whole cannot extend its hold, so all of it is held.
    """
    endpoint.request_schema["properties"]["max_tokens"] = {"type": ["number", "string"]}
    endpoint.schema_digest = digest_of(endpoint.request_schema)
    endpoint.save()
    endpoint.model.output_max = None
    limit = Limit.objects.create(workspace=workspace, unit=unit, period="day", amount=10**9)
    absurd = Choice(endpoint, {"max_tokens": asked}, is_streamed=False)

    results = at_once(lambda _: start_conversation(workspace, alice, "Hi", absurd, uuid.uuid4()), 12)

    assert [type(result) for result in results] == [LimitReached] * 12
    assert not Hold.objects.exists()

    # Where a limit leaves room for one of them, one is held in full.
    Limit.objects.filter(pk=limit.pk).update(amount=10**15)
    LimitWindow.objects.all().delete()
    endpoint.model.output_price = endpoint.model.input_price = 10**6
    results = at_once(lambda _: start_conversation(workspace, alice, "Hi", absurd, uuid.uuid4()), 12)

    granted = [result for result in results if isinstance(result, Run)]
    held = LimitWindow.objects.get().held
    assert held == sum(Hold.objects.values_list(unit, flat=True)) <= 10**15
    assert held >= min(10**15, 10**12 * len(granted))
    assert len(granted) == (1 if float(asked) > 10**15 else 12)
    assert ledger.audit() == []


def test_one_click_sent_twenty_times_is_one_run(workspace, alice, choice):
    key = uuid.uuid4()

    results = at_once(lambda _: start_conversation(workspace, alice, "Hi", choice, key))

    assert {run.pk for run in results} == {Run.objects.get().pk}
    assert Conversation.objects.count() == 1
    assert Hold.objects.count() == 1
    assert ledger.audit() == []


def test_one_run_ended_twenty_times_is_settled_once(running_run, choice):
    answer = Answer()
    answer.apply(TextDelta("Hi"))

    results = at_once(lambda _: finish_run(running_run, Outcome(Run.Status.STOPPED, answer), fence=1))

    assert sorted(results) == [False] * (SENDS - 1) + [True]
    assert ledger.audit() == []


def test_one_click_sent_twenty_times_in_a_conversation_is_one_run(alice, conversation, choice):
    key = uuid.uuid4()

    results = at_once(lambda _: send_prompt(conversation, alice, "And?", choice, key))

    assert {run.pk for run in results} == {Run.objects.latest("pk").pk}
    assert Run.objects.count() == 2
    assert Hold.objects.filter(state=Hold.State.OPEN).count() == 1
    assert ledger.audit() == []


def test_twenty_clicks_in_a_conversation_are_answered_one_at_a_time(alice, conversation, choice):
    results = at_once(lambda _: _or_pending(conversation, alice, choice))

    assert results.count("pending") == SENDS - 1
    assert Message.objects.filter(role=Message.Role.USER).count() == 2
    assert ledger.audit() == []


def _or_pending(conversation, user, choice):
    try:
        return send_prompt(conversation, user, "And?", choice, uuid.uuid4())
    except AnswerPending:
        return "pending"


def test_a_first_choice_made_twice_at_once_is_kept_once(workspace, alice, choice):
    def select(number: int) -> None:
        select_model(Draft(user=alice, workspace=workspace), alice, choice.endpoint, {"n": number})

    at_once(select)

    assert Draft.objects.get().model == choice.endpoint.model
