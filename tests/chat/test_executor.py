from __future__ import annotations

import asyncio
import select
import threading
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from chat.live.database_threads import (
    _READERS_THREADS,
    _STREAMING_THREADS,
    _THREADS,
    close_connections,
    for_heartbeat,
    for_queue,
    for_reader,
    for_streaming_page,
    in_database,
)

if TYPE_CHECKING:
    from collections.abc import Callable


async def test_pages_that_ask_in_one_moment_hold_up_no_run():
    go_on = threading.Event()
    asking = [asyncio.ensure_future(for_reader(lambda: go_on.wait(30))) for _ in range(5 * _READERS_THREADS)]

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


def _together(barrier: threading.Barrier, job: Callable[[], Any], number: int) -> Any:
    # Each thread of the pool has one of these jobs, and none has two. Jobs of one number are one job.
    barrier.wait(20)
    return job()


def _own_server_process() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _wait_for_the_end() -> None:
    # The connection may have been closed before this job.
    if connection.connection is not None:
        assert select.select([connection.connection], [], [], 20)[0]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a database server")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("pool", "threads"),
    [
        (in_database, _THREADS),
        (for_reader, _READERS_THREADS),
        (for_streaming_page, _STREAMING_THREADS),
        (for_heartbeat, 1),
        (for_queue, 1),
    ],
)
async def test_a_job_after_the_connections_were_lost_finds_new_ones(pool, threads):
    async def in_each_thread(job: Callable[[], Any]) -> list[Any]:
        barrier = threading.Barrier(threads)
        return await asyncio.gather(*(pool(_together, barrier, job, number) for number in range(threads)))

    before = await in_each_thread(_own_server_process)
    await sync_to_async(_end_server_processes)(before)
    await in_each_thread(_wait_for_the_end)

    after = await in_each_thread(_own_server_process)

    assert not set(before) & set(after)
    assert set(await in_each_thread(_own_server_process)) == set(after), "they are kept"
    await asyncio.to_thread(close_connections)


def _end_server_processes(pids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", [pids])
