"""A prompt that does not fit the model's context: the answer offers what helps."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Membership
from chat.flows.build_request import Choice
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.send_prompt import start_conversation
from chat.models import Access, Run
from chat.pages.too_long import ways_out
from chat.relays import background
from playground.flows.add_models import add_models
from playground.flows.add_provider import add_provider
from playground.models import ModelSetting, UpstreamModel
from playground.upstream.answer import Answer
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import Finished, TextDelta

HTMX = {"HX-Request": "true"}
TOO_LONG = "This model's maximum context length is 4096 tokens. Your messages resulted in 5000 tokens."
ANSWER_TOO_LONG = (
    "'max_tokens' is too large: 4000. This model's maximum context length is 4096 tokens and your request "
    "has 1096 input tokens (4000 > 4096 - 1096)."
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(workspace, alice, endpoint):
    """Return a function that makes a run which the provider refused with these words."""
    UpstreamModel.objects.filter(pk=endpoint.model_id).update(context_length=4096)
    UpstreamModel.objects.filter(model_id="demo/markdown").update(context_length=1_000_000)

    def make(words: str, kind: FailureKind = FailureKind.BAD_REQUEST, **parameters: Any) -> Run:
        choice = Choice(endpoint, parameters)
        run = start_conversation(workspace, alice, "A long story", choice, uuid.uuid4())
        error = {"kind": str(kind), "message": words, "status": 400, "detail": words, "provider": "Demo"}
        assert finish_run(run, Outcome(Run.Status.FAILED, Answer(), error=error), fence=0)
        run.refresh_from_db()
        return run

    return make


def membership_of(user, workspace) -> Membership:
    return Membership.objects.select_related("user", "workspace").get(user=user, workspace=workspace)


def offered(run: Run, user) -> list[int]:
    found = ways_out([run], membership_of(user, run.workspace))
    return [model.context_length for model in found[run.pk].models]


@pytest.fixture
def page_of(client_for, alice):
    def get(run: Run):
        url = reverse("chat:conversation", args=[run.thread.code])
        return client_for(alice).get(url).content.decode().replace("&#x27;", "'")

    return get


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (TOO_LONG, "It has 5,000 tokens, and the model's context holds 4,096."),
        (ANSWER_TOO_LONG, "leaves 3,000 for the answer."),
        ("prompt is too long: 210000 tokens > 200000 maximum", "It has 210,000 tokens"),
        ("Your request exceeded model token limit: 8192", "The model's context holds 8,192 tokens"),
        ("Input is too long for requested model.", "Input is too long for requested model."),
        (
            '{"n_prompt_tokens": 9, "n_ctx": 8, "message": "exceeds the available context size"}',
            "It has 9 tokens",
        ),
    ],
)
def test_it_says_what_does_not_fit_and_offers_ways_out(failed, page_of, words, said):
    run = failed(words)
    page = page_of(run)

    assert said in page
    assert "too long for this model" in page
    assert f'href="/w/acme/?from={run.message.code}"' in page
    assert reverse("chat:retry_elsewhere", args=[run.message.code]) in page


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Unsupported parameter: 'top_p'", FailureKind.BAD_REQUEST),
        ("maximum context length exceeded", FailureKind.RATE_LIMITED),
        ("maximum context length exceeded", FailureKind.UNAUTHORISED),
        ("tokens per min exceeded, maximum context length", FailureKind.BAD_REQUEST),
    ],
)
def test_other_failures_offer_none_of_them(failed, page_of, words, kind):
    page = page_of(failed(words, kind))
    assert "?from=" not in page
    assert "/elsewhere/" not in page


def test_only_models_that_fit_and_may_be_used_are_named(failed, alice, workspace):
    run = failed(TOO_LONG)
    UpstreamModel.objects.exclude(pk=run.endpoint.model_id).update(context_length=4096)
    assert offered(run, alice) == []

    names = ["demo/markdown", "demo/reasoning", "demo/slow", "demo/tools"]
    for name, length in zip(names, (5001, 8000, 9000, 9500), strict=True):
        UpstreamModel.objects.filter(model_id=name).update(context_length=length)
    UpstreamModel.objects.filter(model_id="demo/polyglot").update(context_length=5000)
    assert offered(run, alice) == [5001, 8000, 9000]

    model = UpstreamModel.objects.get(model_id="demo/markdown")
    ModelSetting.objects.create(workspace=workspace, model=model, is_enabled=False)
    assert offered(run, alice) == [8000, 9000, 9500]
    needy = add_provider(workspace, "Needy", "https://n.example.org/v1", needs_key=True, actor=alice)
    add_models(needy, ["huge"], actor=alice)
    needy.models.update(context_length=5500)
    assert offered(run, alice) == [8000, 9000, 9500], "a model without a key helps nobody"
    needy.needs_key = False
    needy.save()
    UpstreamModel.objects.filter(model_id="demo/tools").update(context_length=4000)
    assert offered(run, alice) == [8000, 9000, 5500], "those of the same provider come first"


def test_the_number_of_queries_does_not_grow(failed, alice, workspace, django_assert_max_num_queries):
    runs = [failed(TOO_LONG) for _ in range(6)]
    membership = membership_of(alice, workspace)
    with django_assert_max_num_queries(3):
        assert len(ways_out(runs, membership)) == 6
    with django_assert_max_num_queries(0):
        assert ways_out([failed_run for failed_run in runs if failed_run.pk < 0], membership) == {}


def test_another_model_answers_with_the_parameters_that_it_takes(failed, client_for, alice, monkeypatch):
    monkeypatch.setattr(background, "start", lambda run: None)
    run = failed(TOO_LONG, temperature=0.5)
    other = UpstreamModel.objects.get(model_id="demo/markdown")
    url = reverse("chat:retry_elsewhere", args=[run.message.code])
    client = client_for(alice)
    data = {"model": str(other.pk), "idempotency_key": str(uuid.uuid4())}

    assert client.post(url, data, headers=HTMX).status_code == 200
    again = Run.objects.exclude(pk=run.pk).get()
    assert (again.model_id, again.parameters) == ("demo/markdown", {"temperature": 0.5})
    assert again.message.parent_id == run.message.parent_id
    assert again.thread.model == other

    assert client.post(url, {**data, "model": "999999"}, headers=HTMX).status_code == 404
    assert client.post(url, {"idempotency_key": str(uuid.uuid4())}, headers=HTMX).status_code == 422


def test_the_limit_of_the_answer_is_lowered_if_that_is_the_cause(
    failed, client_for, alice, page_of, monkeypatch
):
    monkeypatch.setattr(background, "start", lambda run: None)
    run = failed(ANSWER_TOO_LONG, max_tokens=4000)
    url = reverse("chat:retry_shorter", args=[run.message.code])
    assert "Lower max_tokens to 2968" in page_of(run)

    answer = client_for(alice).post(url, {"idempotency_key": str(uuid.uuid4())}, headers=HTMX)

    assert answer.status_code == 200
    again = Run.objects.exclude(pk=run.pk).get()
    assert again.body["max_tokens"] == 2968


@pytest.mark.parametrize(
    ("words", "parameters"),
    [
        (TOO_LONG, {"max_tokens": 4000}),
        (ANSWER_TOO_LONG, {}),
        (ANSWER_TOO_LONG, {"max_tokens": 100}),
        (ANSWER_TOO_LONG.replace("1096", "4095"), {"max_tokens": 4000}),
    ],
)
def test_a_limit_that_is_not_the_cause_stays(failed, client_for, alice, page_of, words, parameters):
    run = failed(words, **parameters)
    assert "/shorter/" not in page_of(run)
    url = reverse("chat:retry_shorter", args=[run.message.code])
    assert (
        client_for(alice).post(url, {"idempotency_key": str(uuid.uuid4())}, headers=HTMX).status_code == 422
    )


def test_a_new_chat_starts_with_the_same_prompt_and_model(failed, client_for, alice, bob, carol, endpoint):
    run = failed(TOO_LONG, temperature=0.5)
    url = f"/w/acme/?from={run.message.code}"

    page = client_for(alice).get(url)

    assert page.context["prompt_text"] == "A long story"
    assert page.context["model"] == endpoint.model
    assert page.context["form"].parameters == {"temperature": 0.5}
    assert client_for(bob).get(url).status_code == 404, "the conversation is private"
    assert client_for(carol).get(url).status_code == 404
    for other in ("nonsense", "", str(uuid.uuid4()), str(run.message.parent.code)):
        assert client_for(alice).get(f"/w/acme/?from={other}").status_code == 404


@pytest.mark.parametrize("reason", ["model_context_window_exceeded", "model_length", "CONTEXT_LENGTH"])
def test_an_answer_that_filled_the_context_offers_them_too(queued_run, page_of, reason):
    answer = Answer()
    for event in (TextDelta("Once upon"), Finished(reason)):
        answer.apply(event)
    assert finish_run(queued_run, Outcome(Run.Status.FINISHED, answer), fence=0)

    page = page_of(queued_run)
    assert "context limit" in page
    assert f"?from={queued_run.message.code}" in page


def test_a_viewer_gets_no_buttons(failed, client_for, vera):
    run = failed(TOO_LONG)
    run.thread.workspace_access = Access.WRITE
    run.thread.save()
    page = client_for(vera).get(reverse("chat:conversation", args=[run.thread.code])).content.decode()
    assert "too long for this model" in page
    assert "/elsewhere/" not in page
    assert "?from=" not in page
