from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Hold, LedgerEntry
from chat.flows.finish_run import Outcome, finish_run
from chat.live import broadcast
from chat.models import Run, RunChunk
from chat.pages.receipt import final_receipt
from playground.models import Provider
from playground.upstream.answer import Answer
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import (
    CostReported,
    Failed,
    Finished,
    HostedToolCall,
    Identified,
    ReasoningDelta,
    Reported,
    TextDelta,
    Unreadable,
    UsageReported,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


def answer_of(*events) -> Answer:
    answer = Answer()
    for event in events:
        answer.apply(event)
    return answer


def usage(input_tokens: int, output_tokens: int) -> UsageReported:
    return UsageReported(input_tokens, output_tokens, None, input_tokens + output_tokens, {})


def entry_of(run: Run) -> LedgerEntry:
    return LedgerEntry.objects.get(run_code=run.code)


def test_it_ends_a_run_once(running_run):
    first = Outcome(Run.Status.FINISHED, answer_of(TextDelta("Hi"), Finished("stop")))
    second = Outcome(Run.Status.STOPPED, answer_of(TextDelta("H")))

    assert finish_run(running_run, first, fence=1)
    assert not finish_run(running_run, second, fence=1)

    running_run.refresh_from_db()
    assert running_run.status == Run.Status.FINISHED
    assert running_run.answer.text == "Hi"
    assert LedgerEntry.objects.filter(run_code=running_run.code).count() == 1


def test_it_refuses_an_owner_who_lost_the_lease(running_run):
    outcome = Outcome(Run.Status.FINISHED, answer_of(TextDelta("Late")))
    assert not finish_run(running_run, outcome, fence=0)
    running_run.answer.refresh_from_db()
    assert running_run.answer.text == ""


def test_it_settles_what_the_upstream_reported(running_run):
    events = [TextDelta("Hi"), usage(7, 3), CostReported(2480, Decimal("0.00124")), Finished("stop")]
    finish_run(running_run, Outcome(Run.Status.FINISHED, answer_of(*events)), fence=1)

    entry = entry_of(running_run)
    assert (entry.credits, entry.usd, entry.tokens) == (2480, Decimal("0.00124"), 10)
    assert entry.source == LedgerEntry.Source.REPORTED
    assert Hold.objects.get(run_code=running_run.code).state == Hold.State.SETTLED


def test_it_prices_tokens_where_no_cost_was_reported(running_run):
    Run.objects.update(input_price=1_000_000, output_price=2_000_000)
    running_run.refresh_from_db()
    events = [TextDelta("Hi"), usage(7, 3), Finished("stop")]
    finish_run(running_run, Outcome(Run.Status.FINISHED, answer_of(*events)), fence=1)
    running_run.refresh_from_db()

    assert not running_run.is_cost_estimated
    assert (entry_of(running_run).credits, entry_of(running_run).source) == (13, LedgerEntry.Source.PRICED)


@pytest.mark.parametrize(
    "transcript",
    [
        {"messages": [{"content": "x" * 400}]},
        {"system": "x" * 200, "messages": [{"content": "x" * 200}]},
        {"instructions": "x" * 200, "input": [{"content": "x" * 200}]},
        {"input": "x" * 400},
    ],
)
def test_without_figures_it_counts_the_transcript_in_whatever_dialect(running_run, transcript):
    running_run.body = {"model": "m", "stream": True, **transcript}
    finish_run(running_run, Outcome(Run.Status.FINISHED, answer_of(TextDelta("Hi"))), fence=1)

    entry = entry_of(running_run)
    assert 100 <= entry.input_tokens <= 105
    assert entry.source == LedgerEntry.Source.ESTIMATED


def test_without_a_price_it_charges_the_counted_tokens_and_not_the_hold(running_run):
    Run.objects.update(input_price=None, output_price=None)
    running_run.refresh_from_db()
    finish_run(running_run, Outcome(Run.Status.STOPPED, answer_of(TextDelta("Hi"))), fence=1)
    running_run.refresh_from_db()

    assert running_run.is_cost_estimated
    entry = entry_of(running_run)
    assert entry.credits == 4 * entry.input_tokens + 16 * entry.output_tokens
    assert 0 < entry.credits < Hold.objects.get(run_code=running_run.code).credits
    assert entry.source == LedgerEntry.Source.ESTIMATED


@pytest.mark.parametrize("address", ["https://openrouter.ai/api/v1", "https://example.org/v1"])
def test_it_settles_a_cost_in_the_currency_of_the_provider(running_run, address):
    Provider.objects.update(base_url=address)
    Run.objects.update(input_price=1_000_000, output_price=2_000_000)
    running_run = Run.objects.get(pk=running_run.pk)
    reported = UsageReported(7, 3, None, 10, {"prompt_tokens": 7, "completion_tokens": 3, "cost": 0.00014})
    finish_run(running_run, Outcome(Run.Status.FINISHED, answer_of(TextDelta("Hi"), reported)), fence=1)
    running_run.refresh_from_db()

    is_known = "openrouter" in address
    assert (running_run.credits, running_run.usd) == ((280, Decimal("0.00014")) if is_known else (13, None))
    assert entry_of(running_run).source == ("reported" if is_known else "priced")


@pytest.mark.parametrize(
    "events",
    [
        [],
        [Finished("stop")],
        [Failed(FailureKind.IN_STREAM, "No credit.")],
        [Unreadable(2), Failed(FailureKind.MALFORMED, "?")],
    ],
)
@pytest.mark.parametrize("status", [Run.Status.FINISHED, Run.Status.FAILED, Run.Status.STOPPED])
def test_nothing_generated_and_nothing_reported_costs_nothing(running_run, events, status):
    finish_run(running_run, Outcome(status, answer_of(*events)), fence=1)

    assert not LedgerEntry.objects.exists()
    assert Hold.objects.get(run_code=running_run.code).state == Hold.State.RELEASED


def test_it_stores_how_many_pieces_could_not_be_read(running_run):
    finish_run(running_run, Outcome(Run.Status.FINISHED, answer_of(TextDelta("Hi"), Unreadable(2))), fence=1)
    running_run.refresh_from_db()
    assert running_run.unreadable_pieces == 2


def test_the_receipt_of_a_stopped_answer_has_the_tokens_that_were_booked(running_run):
    events = [ReasoningDelta("Hm. " * 10), TextDelta("Zwölf " * 20)]
    finish_run(running_run, Outcome(Run.Status.STOPPED, answer_of(*events), first_token_ms=55), fence=1)
    running_run.refresh_from_db()

    receipt = final_receipt(running_run)
    assert receipt.tokens == str(entry_of(running_run).output_tokens) == "43"
    assert receipt.are_tokens_estimated


def test_a_request_that_never_got_an_answer_is_free(running_run):
    finish_run(running_run, Outcome(Run.Status.FAILED, Answer(), error={"kind": "unauthorised"}), fence=1)

    assert not LedgerEntry.objects.filter(run_code=running_run.code).exists()
    assert Hold.objects.get(run_code=running_run.code).state == Hold.State.RELEASED


def test_a_search_that_was_stopped_before_the_first_word_is_not_free(running_run):
    searched = HostedToolCall("a", type="web_search", status="completed", input="lakes")
    finish_run(running_run, Outcome(Run.Status.STOPPED, answer_of(searched)), fence=1)

    assert entry_of(running_run).input_tokens > 0
    assert Hold.objects.get(run_code=running_run.code).state == Hold.State.SETTLED


def test_a_stopped_answer_costs_what_came_of_it_whatever_its_first_figures_said(running_run):
    Run.objects.update(input_price=1_000_000, output_price=2_000_000)
    running_run.refresh_from_db()
    begun = UsageReported(25, 1, None, None, {}, is_partial=True)
    finish_run(running_run, Outcome(Run.Status.STOPPED, answer_of(begun, TextDelta("x" * 20_000))), fence=1)
    running_run.refresh_from_db()

    entry = entry_of(running_run)
    assert (entry.input_tokens, entry.output_tokens, entry.credits) == (25, 5000, 10_025)
    assert (entry.source, running_run.credits) == (LedgerEntry.Source.ESTIMATED, 10_025)
    assert running_run.is_cost_estimated


def test_it_drops_the_log(running_run):
    RunChunk.objects.create(run=running_run, seq=1, events=b"[]")
    finish_run(running_run, Outcome(Run.Status.FINISHED, answer_of(TextDelta("Hi"))), fence=1)
    assert not RunChunk.objects.exists()


def test_its_end_and_the_free_place_are_announced_once_committed(
    running_run, monkeypatch, django_capture_on_commit_callbacks
):
    announced: list[object] = []
    monkeypatch.setattr(broadcast, "announce_run", lambda *codes: announced.append(codes))
    monkeypatch.setattr(broadcast, "announce_place", lambda: announced.append("place"))

    with django_capture_on_commit_callbacks(execute=True):
        assert finish_run(running_run, Outcome(Run.Status.STOPPED, Answer()), fence=1)
        assert announced == []
    assert announced == [(running_run.code, running_run.conversation_code), "place"]

    with django_capture_on_commit_callbacks(execute=True):
        assert not finish_run(running_run, Outcome(Run.Status.STOPPED, Answer()), fence=1)
    assert len(announced) == 2


def test_it_keeps_how_the_run_went_within_what_the_columns_hold(running_run):
    identity = Identified("i" * 128 + "X")
    answer = answer_of(
        TextDelta("Hi"), identity, UsageReported(7, 3, 2, 10, {"a": 1}), Finished("r" * 40 + "X")
    )
    outcome = Outcome(Run.Status.FAILED, answer, {"kind": "odd"}, first_token_ms=12, reasoning_ms=34)

    assert finish_run(running_run, outcome, fence=1)

    running_run.refresh_from_db()
    assert (running_run.finish_reason, running_run.inference_id) == ("r" * 40, "i" * 128)
    assert (running_run.error, running_run.is_truncated) == ({"kind": "odd"}, answer.is_truncated)
    assert (running_run.first_token_ms, running_run.reasoning_ms) == (12, 34)
    assert (running_run.usage, running_run.reasoning_tokens) == ({"a": 1}, 2)
    assert running_run.finished_at is not None
    assert running_run.result is None


def test_what_nobody_reported_stays_empty(running_run):
    assert finish_run(running_run, Outcome(Run.Status.STOPPED, answer_of(TextDelta("Hi"))), fence=1)

    running_run.refresh_from_db()
    assert (running_run.usage, running_run.reasoning_tokens, running_run.inference_id) == (None, None, "")
    assert (running_run.error, running_run.first_token_ms, running_run.reasoning_ms) == (None, None, None)


def test_a_lease_that_was_renewed_keeps_the_run_alive(running_run):
    outcome = Outcome(Run.Status.INTERRUPTED, Answer())
    seen = running_run.lease_expires_at
    Run.objects.update(lease_expires_at=seen + timedelta(seconds=1))
    assert not finish_run(running_run, outcome, fence=1, lease=seen)

    assert finish_run(running_run, outcome, fence=1, lease=seen + timedelta(seconds=1))


def test_it_keeps_the_marks_of_the_provider_as_databases_can_store_them(running_run):
    marks = [
        Identified("inf-1", "resp_1\0", "m-2026"),
        Reported(service_tier="flex", native_finish_reason="STOP"),
        Finished("stop"),
    ]
    finish_run(running_run, Outcome(Run.Status.FINISHED, answer_of(TextDelta("Hi"), *marks)), fence=1)
    running_run.refresh_from_db()
    assert running_run.reported == {
        "response_id": "resp_1\N{REPLACEMENT CHARACTER}",
        "model": "m-2026",
        "service_tier": "flex",
        "native_finish_reason": "STOP",
    }
