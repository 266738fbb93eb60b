"""Pages with answers that wait for a place."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse

from accounts import ledger
from accounts.models import Hold
from chat.flows.build_request import Choice
from chat.flows.send_prompt import start_conversation
from chat.models import Run
from chat.relays import background
from playground.demo.stage import Gate
from playground.flows.set_places import set_places
from tests.chat.socket_reader import SocketReader, client_of

pytestmark = [pytest.mark.django_db(transaction=True)]

NEXT = "Waiting in the queue: you are next."


def place(number: int) -> str:
    return f'Waiting in the queue: <span class="number">{number}</span> before you.'


@pytest.fixture
def opened(workspace, alice, endpoint):
    """Runs of Alice's at a provider with one place, each in a conversation of its own."""

    @sync_to_async
    def make(count: int) -> list[Run]:
        set_places(workspace, endpoint.model.provider, 1, actor=alice)
        return [
            start_conversation(workspace, alice, "Hi", Choice(endpoint, {}), uuid.uuid4())
            for _ in range(count)
        ]

    return make


@pytest.fixture
def started(demo, opened):
    """Runs of Alice's that were started: the first has got two pieces, the others wait for its place."""

    async def make(count: int) -> tuple[Gate, list[Run]]:
        gate = demo.hold_after(2)
        runs = await opened(count)
        for run in runs:
            background.start(run)
        assert await asyncio.to_thread(gate.reached.wait, 20)
        return gate, runs

    return make


async def page_of(client_for, user, run: Run) -> SocketReader:
    page = await SocketReader.open(await client_of(client_for, user), run.thread.code)
    await page.hello()
    return page


async def status_of(run: Run) -> str:
    await sync_to_async(run.refresh_from_db)()
    return run.status


async def test_it_says_how_many_are_before_and_begins_when_they_have_ended(
    relays, alice, started, client_for
):
    gate, runs = await started(3)
    second, third = [await page_of(client_for, alice, run) for run in runs[1:]]
    await second.read_until(NEXT)
    await third.read_until(place(1))
    assert [await status_of(run) for run in runs] == ["running", "queued", "queued"]

    gate.release()

    await third.read_until(NEXT)
    await second.read_until('data-status="finished"')
    last = await third.read_until('data-status="finished"')
    assert "Waiting in the queue" not in last[last.index('data-status="finished"') :]
    assert await sync_to_async(ledger.audit)() == []
    for page in (second, third):
        await page.close()


async def test_a_notice_goes_once_the_answer_begins(relays, alice, started, client_for):
    gate, runs = await started(2)
    page = await page_of(client_for, alice, runs[1])
    await page.read_until(NEXT)

    gate.release()

    mark = f"#run-{runs[1].code}-notice"
    told = await page.read_until(mark)
    assert "Waiting in the queue" not in told[told.rindex(mark) :]
    await page.close()


async def test_stop_works_while_it_waits_and_costs_nothing(relays, demo, alice, started, client_for):
    gate, runs = await started(3)
    second, third = [await page_of(client_for, alice, run) for run in runs[1:]]
    await second.read_until(NEXT)
    await third.read_until(place(1))

    client = await client_of(client_for, alice)
    await sync_to_async(client.post)(reverse("chat:stop", args=[runs[1].code]))

    assert "It costs nothing" in await second.read_until('data-status="stopped"')
    await third.read_until(NEXT)
    hold = await Hold.objects.aget(run_code=runs[1].code)
    assert hold.state == Hold.State.RELEASED
    assert len(demo.requests) == 1
    gate.release()
    for page in (second, third):
        await page.close()


async def test_it_waits_in_the_same_queue_where_this_process_fetches_as_many_as_it_may(
    relays, demo, alice, opened, client_for, settings, workspace, endpoint
):
    settings.MAX_STREAMS = 1
    gate = demo.hold_after(2)
    runs = await opened(2)
    await sync_to_async(set_places)(workspace, endpoint.model.provider, None, actor=alice)
    for run in runs:
        background.start(run)
    assert await asyncio.to_thread(gate.reached.wait, 20)
    page = await page_of(client_for, alice, runs[1])

    await page.read_until(NEXT)
    gate.release()
    await page.read_until('data-status="finished"')
    await page.close()


async def test_a_run_that_waits_in_no_process_is_taken_and_its_page_hears_of_it(
    relays, demo, alice, opened, client_for
):
    """A run from before a restart, which no process was asked for."""
    gate = demo.hold_after(2)
    first, second = await opened(2)
    background.start(first)
    assert await asyncio.to_thread(gate.reached.wait, 20)
    page = await page_of(client_for, alice, second)
    await page.read_until(NEXT)

    gate.release()

    await page.read_until('data-status="finished"')
    await page.close()


async def test_going_down_leaves_those_that_wait_to_others(relays, alice, started, client_for):
    gate, (first, second) = await started(2)
    page = await page_of(client_for, alice, second)
    await page.read_until(NEXT)

    await relays.drain()

    assert await page.closed_with() == 1012
    assert (await status_of(first), await status_of(second)) == ("interrupted", "queued")
    held = await Hold.objects.aget(run_code=second.code)
    assert held.state == Hold.State.OPEN
    gate.release()


async def test_going_down_gives_what_runs_time_to_end(relays, alice, started):
    gate, [run] = await started(1)

    draining = asyncio.create_task(relays.drain(patience=60))
    await asyncio.sleep(0.1)
    gate.release()
    await draining

    assert await status_of(run) == "finished"
