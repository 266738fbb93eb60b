"""Runs that end at an awkward moment, or with an answer that cannot be stored."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.utils.timezone import now

from accounts import ledger
from accounts.models import Hold, LedgerEntry
from chat.flows import end_relay, relay_run
from chat.flows.reap_runs import reap_runs
from chat.live.database_threads import _THREADS, in_database
from chat.live.merging import merge
from chat.models import Message, Run, RunChunk
from chat.relays import background, dispatcher
from playground.upstream.answer import Answer
from playground.upstream.events import TextDelta, UsageReported
from playground.upstream.reading import AnswerReader

pytestmark = [pytest.mark.django_db(transaction=True)]


async def ended(relays, run: Run) -> Run:
    """Wait for the relays to end, and check the ledger."""
    async with asyncio.timeout(20):
        await asyncio.gather(*relays.tasks())
    await sync_to_async(run.refresh_from_db)()
    assert not await Hold.objects.filter(state=Hold.State.OPEN).aexists()
    assert await sync_to_async(ledger.audit)() == []
    return run


async def test_stop_while_the_run_is_being_claimed(relays, demo, queued_run, monkeypatch):
    claimed, go_on = threading.Event(), threading.Event()
    claim = vars(dispatcher)["claim_runs"]

    def slow_claim(*args):
        try:
            return claim(*args)
        finally:
            claimed.set()
            assert go_on.wait(20)

    monkeypatch.setattr(dispatcher, "claim_runs", slow_claim)
    background.start(queued_run)
    assert await sync_to_async(claimed.wait)(20)

    relays._end_early(queued_run.code)
    go_on.set()

    assert (await ended(relays, queued_run)).status == Run.Status.STOPPED
    assert not demo.requests


async def test_a_second_stop_while_the_run_ends(relays, demo, queued_run, monkeypatch):
    """Every database thread is busy, so that the end of the run has to wait."""
    is_ending, go_on = asyncio.Event(), threading.Event()
    finish = end_relay.end_relay

    async def noted(*args):
        is_ending.set()
        await finish(*args)

    monkeypatch.setattr(relay_run, "end_relay", noted)
    gate = demo.hold_after(3)
    background.start(queued_run)
    assert await sync_to_async(gate.reached.wait)(20)
    busy = [asyncio.ensure_future(in_database(go_on.wait, 20)) for _ in range(_THREADS)]

    relays._end_early(queued_run.code)
    await asyncio.wait_for(is_ending.wait(), 20)
    relays._end_early(queued_run.code)
    relays._end_early(queued_run.code, Run.Status.INTERRUPTED)
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(*busy)

    assert (await ended(relays, queued_run)).status == Run.Status.STOPPED


async def test_an_answer_that_cannot_be_stored_ends_its_run_all_the_same(
    relays, demo, queued_run, monkeypatch
):
    finish = vars(end_relay)["finish_run"]

    def refusing(run, outcome, *, fence):
        if outcome.answer.text:
            raise ValueError("no such text")
        return finish(run, outcome, fence=fence)

    monkeypatch.setattr(end_relay, "finish_run", refusing)
    background.start(queued_run)

    await asyncio.sleep(0)
    run = await ended(relays, queued_run)
    assert run.status == Run.Status.FAILED
    assert run.error is not None and run.error["kind"] == "internal"


@pytest.mark.parametrize("kind", [{"confidence": float("nan")}, {"value": object()}])
async def test_what_cannot_be_stored_beside_the_words_costs_neither_words_nor_the_bill(
    relays, demo, queued_run, monkeypatch, kind
):
    monkeypatch.setattr(Answer, "data", property(lambda answer: kind if answer.finish_reason else {}))
    background.start(queued_run)
    await asyncio.sleep(0)

    run = await ended(relays, queued_run)

    assert run.error is not None
    assert (run.status, run.error["kind"]) == (Run.Status.FAILED, "internal")
    entry = await LedgerEntry.objects.aget(run_code=run.code)
    assert (run.usage is not None, entry.output_tokens) == (True, run.output_tokens)
    stored = await Message.objects.aget(run=run)
    assert stored.text and not stored.data


@pytest.mark.parametrize(
    "body",
    [b'{"error": {"message": "no \\u0000 thing", "type": "invalid_request_error"}}', b"\x1f\x8b\x08\0binary"],
)
async def test_a_refusal_that_is_no_text_is_told_as_one(relays, demo, queued_run, monkeypatch, body):
    refused = AnswerReader("chat/completions", 400, {"content-type": "application/json"})
    events = [*refused.begin(), *refused.feed(body), *refused.close()]

    async def stream(run, live, *_):
        live.apply(events)

    monkeypatch.setattr(relay_run, "_stream", stream)
    background.start(queued_run)
    await asyncio.sleep(0)

    run = await ended(relays, queued_run)

    assert run.error is not None and run.error["kind"] == "bad_request"
    assert "\0" not in str(run.error)


@pytest.fixture
def outage(monkeypatch):
    """An event that keeps the database from ending runs while it is set, and the count of attempts."""
    finish = vars(end_relay)["finish_run"]
    monkeypatch.setattr(end_relay, "FINISH_SECONDS", 0.01)
    monkeypatch.setattr(end_relay, "MOST_FINISH_SECONDS", 0.01)
    away = Outage()

    def asked(*args, **kwargs):
        away.tries += 1
        if away.tries == away.until:
            away.is_on = False
        if away.tries == 20:
            away.is_long.set()
        if away.is_on:
            raise OperationalError("server closed the connection unexpectedly")
        return finish(*args, **kwargs)

    monkeypatch.setattr(end_relay, "finish_run", asked)
    return away


class Outage:
    def __init__(self) -> None:
        self.is_on, self.until, self.tries = True, 0, 0
        self.is_long = threading.Event()


async def test_an_answer_outlasts_a_database_that_is_away_for_long(relays, demo, queued_run, outage):
    outage.until = 30
    background.start(queued_run)
    await asyncio.sleep(0)

    run = await ended(relays, queued_run)

    assert (run.status, outage.tries) == (Run.Status.FINISHED, 30)
    assert await sync_to_async(lambda: run.message.text)()


async def test_it_is_not_ended_twice_when_another_process_did_meanwhile(relays, demo, queued_run, outage):
    background.start(queued_run)
    assert await sync_to_async(outage.is_long.wait)(20)

    # A checkpoint may have renewed the lease at that very moment.
    async with asyncio.timeout(20):
        while not await sync_to_async(reap_runs)(owner=relays.owner):
            pass
    outage.is_on = False

    assert (await ended(relays, queued_run)).status == Run.Status.INTERRUPTED


async def test_a_process_that_goes_down_does_not_wait_for_the_database(relays, demo, queued_run, outage):
    background.start(queued_run)
    assert await sync_to_async(outage.is_long.wait)(20)
    relay = relays.tasks()

    await asyncio.wait_for(relays.drain(), 20)

    assert all(task.done() for task in relay)
    await sync_to_async(queued_run.refresh_from_db)()
    assert queued_run.is_live
    assert await sync_to_async(reap_runs)(owner=relays.owner) == 1


@pytest.mark.parametrize(
    "events", [b"no events", merge([TextDelta("Hi"), UsageReported(10**30, 1, None, None, {})])]
)
def test_a_log_that_cannot_be_stored_keeps_no_hold_and_no_other_run(running_run, second_run, events):
    RunChunk.objects.create(run=running_run, seq=1, events=events)
    Run.objects.update(lease_expires_at=now() - timedelta(seconds=1))

    assert reap_runs() == 2

    assert set(Run.objects.values_list("status", flat=True)) == {"interrupted"}
    assert not Hold.objects.filter(state=Hold.State.OPEN).exists()
    assert ledger.audit() == []
