"""A provider that is busy is asked again, as long as nothing has been generated, for all to see."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from accounts import ledger
from accounts.models import Hold, LedgerEntry
from chat.flows import relay_run
from chat.flows.reap_runs import logged_answer
from chat.live import registry
from chat.live.merging import merge
from chat.live.run import LiveRun
from chat.models import Run
from chat.relays import background
from chat.sockets.cursors import Cursor
from chat.sockets.frames import delta
from playground.demo.answers import ScriptedAnswer
from playground.demo.errors import error
from playground.demo.steps import DONE, Cut, event, json_response
from playground.upstream.events import decode_events
from tests.chat.scripted_model import first_run, scripted_model

pytestmark = [pytest.mark.django_db(transaction=True)]

BUSY = {"message": "Come back later.", "statusCode": 503}


class Pauses:
    """Takes the place of waiting: notes for how long, and passes at once unless it is held."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.reached = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.reached.set()
        await self.may_go_on.wait()


class Wake:
    def __init__(self, woken: asyncio.Event) -> None:
        self.wake = woken.set


@pytest.fixture
async def pauses(monkeypatch) -> Pauses:
    pauses = Pauses()
    monkeypatch.setattr(relay_run, "pause", pauses)
    return pauses


@pytest.fixture
def asked(demo, catalogue, workspace, alice, monkeypatch):
    """A run whose upstream plays one of these for each try; the last one again and again."""

    def make(*plays: Any) -> Run:
        tries = iter(plays)
        current = [plays[0]]

        def play(reply, body):
            current[0] = next(tries, current[0])
            return current[0](reply)

        return first_run(workspace, alice, scripted_model(demo, monkeypatch, play))

    return sync_to_async(make)


def busy(reply):
    return json_response(503, BUSY)


def whole(reply):
    return reply.stream(ScriptedAnswer.of("Hello there."))


async def ended(relays, run: Run) -> Run:
    async with asyncio.timeout(20):
        await asyncio.gather(*relays.tasks())
    await sync_to_async(run.refresh_from_db)()
    assert not await Hold.objects.filter(state=Hold.State.OPEN).aexists()
    assert await sync_to_async(ledger.audit)() == []
    return run


async def relayed(relays, run: Run) -> Run:
    background.start(run)
    await asyncio.sleep(0)
    return await ended(relays, run)


async def test_it_asks_again_and_answers_once(relays, demo, asked, pauses):
    run = await relayed(relays, await asked(busy, busy, whole))

    assert run.status == Run.Status.FINISHED
    assert run.error is None
    assert len(pauses.seconds) == 2
    assert len(demo.requests) == 3
    assert (await sync_to_async(lambda: run.message.text)()) == "Hello there."
    assert await LedgerEntry.objects.acount() == 1


async def test_it_gives_up_and_says_how_often_it_tried(relays, demo, asked, pauses):
    run = await relayed(relays, await asked(busy))

    assert run.status == Run.Status.FAILED
    assert run.error is not None
    assert (run.error["kind"], run.error["tries"], len(demo.requests)) == ("overloaded", 3, 3)
    assert await LedgerEntry.objects.acount() == 0


async def started_and_busy(asked, pauses):
    """Start a run whose upstream is busy once, and return it while it waits for the second try."""
    pauses.may_go_on.clear()
    run = await asked(busy, whole)
    background.start(run)
    async with asyncio.timeout(20):
        await pauses.reached.wait()
    return run


async def test_the_reserve_is_kept_while_it_waits(relays, asked, pauses):
    run = await started_and_busy(asked, pauses)

    assert await Hold.objects.filter(state=Hold.State.OPEN).acount() == 1
    pauses.may_go_on.set()
    assert (await ended(relays, run)).status == Run.Status.FINISHED


async def test_everybody_sees_that_it_waits_and_then_that_it_goes_on(relays, demo, asked, pauses):
    run = await started_and_busy(asked, pauses)

    seen = registry.find(run.code)
    assert seen is not None
    cursor = Cursor()
    first = await sync_to_async(delta)(seen, cursor)
    assert f"{run.endpoint.model.provider.name} is busy" in first
    assert "(attempt 2 of 3)" in first
    assert re.search(r"trying again in <span [^>]*data-countdown>\d+</span>", first)
    assert await sync_to_async(delta)(seen, cursor) == ""
    # Another process learns it from the log.
    assert seen.answer.retrying is not None
    events = decode_events(merge([seen.answer.retrying]))
    copy = LiveRun(0, run.code, seen.conversation_code)
    copy.apply(events, is_saved=True)
    assert f"{run.endpoint.model.provider.name} is busy" in await sync_to_async(delta)(copy, Cursor())

    woken = asyncio.Event()
    seen.watch(Wake(woken))
    gate = demo.hold_after(1)
    pauses.may_go_on.set()
    assert await sync_to_async(gate.reached.wait)(20)
    async with asyncio.timeout(20):
        while not seen.tokens:
            woken.clear()
            await woken.wait()
    gone = await sync_to_async(delta)(seen, cursor)
    assert f"#run-{run.code}-notice" in gone
    assert "is busy" not in gone
    gate.release()
    assert (await ended(relays, run)).status == Run.Status.FINISHED


async def test_it_can_be_stopped_while_it_waits(relays, demo, asked, pauses):
    run = await started_and_busy(asked, pauses)
    relays._end_early(run.code)

    assert (await ended(relays, run)).status == Run.Status.STOPPED
    assert len(demo.requests) == 1


def broken_off(reply):
    yield reply.head()
    yield reply.delta({"content": "Half"}, is_token=True)
    yield event({"error": {"code": 503, "message": "Overloaded"}})


def thought_and_broken_off(reply):
    yield reply.head()
    yield reply.delta({"reasoning_content": "Well"}, is_token=True)
    yield event({"error": {"code": 503, "message": "Overloaded"}})


def billed_and_broken_off(reply):
    yield reply.head()
    yield event({**reply.chunk([]), "usage": {"prompt_tokens": 5, "completion_tokens": 0}})
    yield event({"error": {"code": 503, "message": "Overloaded"}})


def cut(reply):
    yield reply.head()
    yield Cut()


@pytest.mark.parametrize(
    "play",
    [
        broken_off,
        thought_and_broken_off,
        billed_and_broken_off,
        cut,
        lambda reply: error(500, "No.", reply.id, "/"),
        lambda reply: error(504, "Generation timeout", reply.id, "/"),
        lambda reply: error(429, "No.", reply.id, "/", ("retry-after", "600")),
        lambda reply: json_response(429, {"error": {"code": "insufficient_quota", "message": "Pay."}}),
    ],
)
async def test_it_does_not_ask_again_where_that_could_cost_twice_or_help_nobody(
    relays, demo, asked, pauses, play
):
    run = await relayed(relays, await asked(play))
    assert run.status == Run.Status.FAILED
    assert (pauses.seconds, len(demo.requests)) == ([], 1)


async def test_an_error_in_a_stream_that_holds_nothing_else_may_be_tried_again(relays, demo, asked, pauses):
    def overloaded(reply):
        yield reply.head()
        yield event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
        yield DONE

    run = await relayed(relays, await asked(overloaded, whole))
    assert (run.status, len(demo.requests)) == (Run.Status.FINISHED, 2)


async def test_it_asks_again_where_nobody_listened(relays, asked, pauses, closed_port, settings):
    settings.ALLOWED_PRIVATE_UPSTREAMS = [f"127.0.0.1:{closed_port}"]
    run = await asked(whole)

    def move():
        provider = run.endpoint.model.provider
        provider.kind, provider.base_url = "openai", f"http://127.0.0.1:{closed_port}/v1"
        provider.save()

    await sync_to_async(move)()
    run = await relayed(relays, run)
    assert run.error is not None
    assert (run.error["kind"], run.error["tries"]) == ("connect", 3)


async def test_a_run_whose_process_died_while_it_waited_ends_with_nothing(relays, asked, pauses):
    run = await started_and_busy(asked, pauses)
    await relays._checkpoint()
    answer = await sync_to_async(logged_answer)(run)
    assert answer.retrying is not None
    assert answer.is_empty
    pauses.may_go_on.set()
    await ended(relays, run)
