from __future__ import annotations

import asyncio
import threading

from chat.live.database_threads import (
    _READERS_THREADS,
    _THREADS,
    for_heartbeat,
    for_queue,
    for_reader,
    in_database,
)


async def test_pages_that_ask_in_one_moment_hold_up_no_run():
    go_on = threading.Event()
    asking = [asyncio.ensure_future(for_reader(go_on.wait, 30)) for _ in range(5 * _READERS_THREADS)]

    assert await asyncio.wait_for(in_database(lambda: "stored"), 20) == "stored"

    go_on.set()
    assert all(await asyncio.gather(*asking))


async def test_slow_jobs_hold_up_no_checkpoint_and_no_look_at_the_queue():
    go_on = threading.Event()
    slow = [asyncio.ensure_future(in_database(go_on.wait, 30)) for _ in range(5 * _THREADS)]

    assert await asyncio.wait_for(for_heartbeat(lambda: "renewed"), 20) == "renewed"
    assert await asyncio.wait_for(for_queue(lambda: "claimed"), 20) == "claimed"

    go_on.set()
    assert all(await asyncio.gather(*slow))
