"""Hundreds of runs are stopped under contention: nothing of them is left, and the next one works."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import uuid

import pytest
from asgiref.sync import sync_to_async

from accounts import ledger
from accounts.models import Hold
from chat.flows.build_request import Choice
from chat.flows.send_prompt import start_conversation
from chat.live import registry
from chat.live.database_threads import close_connections
from chat.models import Run, RunChunk
from chat.relays import background
from playground import clients

pytestmark = [pytest.mark.django_db(transaction=True)]

RUNS, ROUNDS = 60, 5
# Far fewer may stream than want to: most of them are cut off in line.
STREAMS = 4
POOLS = ("database", "upstream-dns", "asyncio_", "ThreadPoolExecutor")


def open_files() -> int:
    """Count the sockets and database connections of this process, which includes the upstream's."""
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture
def prompt(workspace, alice, endpoint):
    return lambda: start_conversation(workspace, alice, "Say hello", Choice(endpoint, {}), uuid.uuid4())


async def storm(relays, demo, prompt, dice: random.Random) -> None:
    """Start them all, and stop each at another moment of its life."""
    gate = demo.hold_after(2)
    runs = await sync_to_async(lambda: [prompt() for _ in range(RUNS)])()
    for run in runs:
        background.start(run)
    assert await sync_to_async(gate.reached.wait)(30)
    dice.shuffle(runs)
    for place, run in enumerate(runs):
        relays._end_early(run.code, Run.Status.INTERRUPTED if place % 5 == 0 else Run.Status.STOPPED)
        if place % 3 == 0:
            await asyncio.sleep(0)
        if place == RUNS // 2:
            gate.release()
    async with asyncio.timeout(60):
        await asyncio.gather(*relays.tasks())
    demo.stage.gate = None
    for recorded in list(demo.requests):
        assert await asyncio.to_thread(recorded.ended.wait, 20), "no stream is left open upstream"


async def settled(relays, at_most: dict[str, int] | None = None) -> dict[str, int]:
    """Count what is open or under way once every pool is empty; wait until it is ``at_most`` so much."""
    last = None
    for _ in range(100):
        await clients.close_upstream_client()
        # Pools grow with the luck of the moment. What they keep is theirs, and no leak.
        await asyncio.to_thread(close_connections)
        if relays._peers is not None:
            await relays._peers._redis.connection_pool.disconnect(inuse_connections=False)
        now = {"tasks": len(asyncio.all_tasks()), "threads": other_threads(), "files": open_files()}
        if (last == now) if at_most is None else all(now[what] <= at_most[what] for what in now):
            break
        last = now
        # The upstream closes its ends of the connections in a thread of its own.
        await asyncio.sleep(0.2)
    return now


def other_threads() -> int:
    """Count the threads outside of pools: those of a pool stay, up to its size."""
    return sum(not thread.name.startswith(POOLS) for thread in threading.enumerate())


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="Open files are counted in /proc.")
async def test_a_storm_of_stopped_runs_leaves_nothing_behind(relays, demo, prompt, settings):
    settings.MAX_STREAMS = STREAMS
    dice = random.Random(7)
    # The first storm imports and opens what stays for good.
    await storm(relays, demo, prompt, dice)
    before = await settled(relays)
    for _ in range(ROUNDS - 1):
        await storm(relays, demo, prompt, dice)
    after = await settled(relays, at_most=before)
    assert all(after[what] <= before[what] for what in before), (before, after)

    assert registry.relayed() == []
    statuses = await sync_to_async(lambda: set(Run.objects.values_list("status", flat=True)))()
    assert statuses <= {Run.Status.STOPPED, Run.Status.INTERRUPTED, Run.Status.FINISHED}
    assert not await Hold.objects.filter(state=Hold.State.OPEN).aexists()
    assert not await RunChunk.objects.aexists()
    assert await sync_to_async(ledger.audit)() == []

    last = await sync_to_async(prompt)()
    background.start(last)
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await asyncio.gather(*relays.tasks())
    await sync_to_async(last.refresh_from_db)()
    assert last.status == Run.Status.FINISHED
