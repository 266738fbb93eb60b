"""The sentence about how an answer ended, and the button that allows a longer one."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse
from django.utils.timezone import now

from chat.flows.finish_run import Outcome, finish_run
from chat.models import Run
from chat.pages.endings import ending_of, ending_of_choice, longer_for
from chat.pages.receipt import final_receipt
from chat.relays import background
from playground.upstream.answer import Answer
from playground.upstream.events import (
    Event,
    Finished,
    HostedToolCall,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    Truncated,
    UsageReported,
)
from tests.chat.scripted_model import first_run, scripted_model

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def endpoint(catalogue, demo, monkeypatch):
    return scripted_model(demo, monkeypatch, lambda reply, body: iter(()))


@pytest.fixture
def ended(workspace, alice, endpoint):
    """Return an ended run of these events, with its answer."""

    def make(*events: Event, status: str = Run.Status.FINISHED, **parameters: object) -> Run:
        run = first_run(workspace, alice, endpoint, **parameters)
        Run.objects.filter(pk=run.pk).update(started_at=now())
        answer = Answer()
        for event in events:
            answer.apply(event)
        assert finish_run(run, Outcome(Run.Status(status), answer), fence=0)
        run = Run.objects.select_related("answer", "conversation").get(pk=run.pk)
        return run

    return make


HELLO = TextDelta("Hello")


@pytest.mark.parametrize(
    ("reason", "state", "words"),
    [
        ("stop", "", ""),
        ("STOP", "", ""),
        ("end_turn", "", ""),
        ("stop_sequence", "", ""),
        ("COMPLETE", "", ""),
        ("length", "stopped at the token limit", "token limit"),
        ("MAX_TOKENS", "stopped at the token limit", "token limit"),
        ("max_output_tokens", "stopped at the token limit", "token limit"),
        (
            "model_context_window_exceeded",
            "stopped at the context limit",
            "reached the model's context limit",
        ),
        ("content_filter", "withheld by a filter", "content filter"),
        ("SAFETY", "withheld by a filter", "content filter"),
        ("RECITATION", "withheld by a filter", "content filter"),
        ("refusal", "declined", "declined"),
        ("tool_calls", "waits for a tool", "waiting for the results"),
        ("tool_use", "waits for a tool", "waiting for the results"),
        ("pause_turn", "paused", "continue"),
        ("MALFORMED_FUNCTION_CALL", "ended early", "ended the answer early"),
        ("insufficient_system_resource", "ended early", "ended the answer early"),
        # An unknown finish reason is shown as it came.
        ("moon_phase", "moon_phase", ""),
    ],
)
def test_every_reason_has_words(ended, reason, state, words):
    run = ended(HELLO, Finished(reason))
    ending = ending_of(run, run.answer)
    assert ending.state == state
    assert words in ending.note
    assert bool(ending.note) == bool(words)


@pytest.mark.parametrize(
    ("events", "parameters", "note"),
    [
        ([HELLO], {"max_tokens": 64}, "The answer stopped at its token limit (max_tokens 64)."),
        ([HELLO], {}, "The answer stopped at the token limit of the model."),
        (
            [ReasoningDelta("Hm")],
            {"max_tokens": 6400},
            "The model reached its token limit (max_tokens 6,400) before the answer began: "
            "reasoning used all of it.",
        ),
        (
            [UsageReported(1, 64, 64, 65, {})],
            {"max_tokens": 64},
            "The model reached its token limit (max_tokens 64) before the answer began: "
            "reasoning used all of it.",
        ),
        ([], {"max_tokens": 1}, "The model reached its token limit (max_tokens 1) before the answer began."),
    ],
)
def test_a_token_limit_says_which_and_what_it_was_spent_on(ended, events, parameters, note):
    run = ended(*events, Finished("length"), **parameters)
    assert ending_of(run, run.answer).note == note


CALLS = ToolCallDelta(0, "call_1", "get_weather", "{}")


@pytest.mark.parametrize("reason", ["completed", "stop", "STOP", "end_turn", "", "tool_calls", "tool_use"])
@pytest.mark.parametrize("before", [[], [HELLO]])
def test_an_answer_with_calls_waits_for_their_results_at_every_endpoint(ended, reason, before):
    run = ended(*before, CALLS, Finished(reason))
    assert ending_of(run, run.answer).note == "The model is waiting for the results of its calls."
    assert final_receipt(run, run.answer).state == "waits for a tool"


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([CALLS, Finished("length")], "stopped at the token limit"),
        ([CALLS, Finished("content_filter")], "withheld by a filter"),
        ([CALLS, Truncated()], "ended without a finish reason"),
        ([HELLO, HostedToolCall("ws_1", "web_search", status="completed"), Finished("completed")], ""),
    ],
)
def test_other_endings_stay_what_they_are(ended, events, state):
    run = ended(*events)
    assert final_receipt(run, run.answer).state == state


def test_another_choice_waits_for_its_own_calls(ended):
    run = ended(HELLO, Finished("stop"), ToolCallDelta(0, "call_1", "f", "{}", choice=1), Finished("stop", 1))
    assert ending_of(run, run.answer).note == ""
    assert ending_of_choice(run.answer.data["choices"]["1"]).startswith("The model is waiting")


def test_an_answer_without_a_word_says_so(ended):
    run = ended(Finished("stop"))
    assert ending_of(run, run.answer).note == "The provider sent an empty answer."


def test_a_refusal_speaks_for_itself(ended):
    run = ended(RefusalDelta("I would rather not."), Finished("refusal"))
    assert ending_of(run, run.answer).note == ""


def test_a_stream_that_was_cut_says_so(ended):
    run = ended(HELLO, Truncated())
    assert "ended without a final event" in ending_of(run, run.answer).note


@pytest.mark.parametrize(
    ("events", "status", "words"),
    [
        ([HELLO], "stopped", "The text received so far is kept."),
        ([], "stopped", "Stopped."),
        ([HELLO], "interrupted", "Interrupted: the server stopped"),
    ],
)
def test_an_end_from_our_side_says_whose_it_was(ended, events, status, words):
    run = ended(*events, status=status)
    assert words in ending_of(run, run.answer).note


@pytest.mark.parametrize("status", ["stopped", "interrupted"])
def test_a_run_that_never_began_says_so(ended, status):
    run = ended(status=status)
    run.started_at = None
    assert "was not sent" in ending_of(run, run.answer).note


# --- the click ---


@pytest.fixture
def started(monkeypatch) -> list[Run]:
    handed: list[Run] = []
    monkeypatch.setattr(background, "start", handed.append)
    return handed


def page_of(client, run: Run) -> str:
    html: str = client.get(reverse("chat:conversation", args=[run.thread.code])).content.decode()
    return html


def click(client, run: Run, key: uuid.UUID | None = None):
    url = reverse("chat:retry_longer", args=[run.message.code])
    return client.post(url, {"idempotency_key": str(key or uuid.uuid4())}, headers={"HX-Request": "true"})


def test_one_click_raises_the_limit_and_answers_again(ended, alice, client_for, started):
    run = ended(HELLO, Finished("length"), max_tokens=300, temperature=0.5)
    client = client_for(alice)
    assert "Raise max_tokens to 600 and answer again" in page_of(client, run)

    response = click(client, run)
    assert response.status_code == 200
    assert [again.parameters for again in started] == [{"max_tokens": 600, "temperature": 0.5}]
    run.conversation.refresh_from_db()
    assert run.conversation.parameters == {"max_tokens": 600, "temperature": 0.5}


def test_a_limit_that_nobody_set_is_set(ended, alice, client_for, started):
    run = ended(HELLO, UsageReported(1, 300, None, 301, {}), Finished("length"))
    client = client_for(alice)
    assert "Answer again with max_tokens 600" in page_of(client, run)
    click(client, run)
    assert started[0].parameters == {"max_tokens": 600}


def test_the_same_click_twice_is_one_run(ended, alice, client_for, started):
    run = ended(HELLO, Finished("length"), max_tokens=300)
    key = uuid.uuid4()
    for _ in range(2):
        assert click(client_for(alice), run, key).status_code == 200
    assert len({again.pk for again in started}) == 1


def test_a_model_at_its_end_offers_no_more(ended, alice, client_for, started):
    run = ended(HELLO, Finished("length"), max_tokens=1000)
    client = client_for(alice)
    html = page_of(client, run)
    assert "The answer stopped at its token limit" in html
    assert "and answer again" not in html
    assert click(client, run).status_code == 422
    assert started == []


def test_a_whole_answer_has_no_room_to_be_given(ended, alice, client_for, started):
    run = ended(HELLO, Finished("stop"), max_tokens=300)
    assert click(client_for(alice), run).status_code == 422
    assert started == []


def test_a_run_whose_model_is_gone_still_shows(ended, alice, client_for, endpoint):
    run = ended(HELLO, Finished("length"), max_tokens=300)
    endpoint.delete()
    html = page_of(client_for(alice), run)
    assert "The answer stopped at its token limit" in html
    assert "and answer again" not in html


def test_it_costs_no_query_for_each_answer(ended, alice, client_for, django_assert_max_num_queries):
    runs = [ended(HELLO, Finished("length"), max_tokens=300 + number) for number in range(3)]
    pairs = [(run, run.answer) for run in runs]
    longer_for(pairs)
    with django_assert_max_num_queries(1):
        assert len(longer_for(pairs)) == 3
