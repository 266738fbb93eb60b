"""Threads for database work outside of requests.

Outside of a request, Django runs all thread-sensitive work, the ORM's async methods included, on
one shared thread: a slow query anywhere would delay every run and every socket.
"""

from __future__ import annotations

import asyncio
import functools
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from django.db import DatabaseError, InterfaceError, connections

from chat.live.portions import Portions
from playground.lost_connections import close_lost

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = 4
_READERS_THREADS = 2
_STREAMING_THREADS = 2
_pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="database")
_readers_pool = ThreadPoolExecutor(max_workers=_READERS_THREADS, thread_name_prefix="readers")
_streaming_pool = ThreadPoolExecutor(max_workers=_STREAMING_THREADS, thread_name_prefix="streaming")
_heartbeat_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="heartbeat")
_queue_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="queue")
# A server has one loop, a test has its own.
_portions: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[ThreadPoolExecutor, Portions]] = (
    WeakKeyDictionary()
)


async def in_database(job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run ``job`` in a thread for database work and return its result."""
    return await _in(_pool, functools.partial(job, *args, **kwargs))


async def for_reader(job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a job of an open page, like :func:`in_database` but in threads of its own.

    After a restart, hundreds of pages ask at the same moment. They wait for each other, and no
    checkpoint, end or stop of a run waits for them. Equal look-ups that wait are done once, so a job
    must only read, and it and its arguments must be hashable.
    """
    return await _in_portions(_readers_pool, _READERS_THREADS, functools.partial(job, *args, **kwargs))


async def for_streaming_page(job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a job of a page that shows a stream, so that it does not wait for pages that arrive.

    Otherwise it is like :func:`for_reader`.
    """
    return await _in_portions(_streaming_pool, _STREAMING_THREADS, functools.partial(job, *args, **kwargs))


async def for_heartbeat(job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a checkpoint. If it waited for slow jobs, leases would expire and the reaper would end the runs."""
    return await _in(_heartbeat_pool, functools.partial(job, *args, **kwargs))


async def for_queue(job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a poll of the queue: its runs should begin as soon as there is a place."""
    return await _in(_queue_pool, functools.partial(job, *args, **kwargs))


def _in(pool: ThreadPoolExecutor, job: Callable[[], T]) -> asyncio.Future[T]:
    return asyncio.get_running_loop().run_in_executor(pool, _run, job)


async def _in_portions(pool: ThreadPoolExecutor, threads: int, job: functools.partial[T]) -> T:
    by_pool = _portions.setdefault(asyncio.get_running_loop(), {})
    if pool not in by_pool:
        by_pool[pool] = Portions(pool, threads)
    key = (job.func, job.args, frozenset(job.keywords.items()))
    return await by_pool[pool].do(functools.partial(_run, job), key)


def _run(job: Callable[[], T]) -> T:
    close_lost()
    try:
        return job()
    except (DatabaseError, InterfaceError):
        # A connection that the server dropped would make every later job of this thread fail too.
        connections.close_all()
        raise


def close_connections() -> None:
    """Close the connections of all these threads, at shutdown or after a test. This blocks."""
    # Each thread closes its own: another thread must not touch a SQLite connection.
    for pool, threads in (
        (_pool, _THREADS),
        (_readers_pool, _READERS_THREADS),
        (_streaming_pool, _STREAMING_THREADS),
        (_heartbeat_pool, 1),
        (_queue_pool, 1),
    ):
        barrier = threading.Barrier(threads)
        for job in [pool.submit(_close_own, barrier) for _ in range(threads)]:
            job.result(timeout=10)


def _close_own(barrier: threading.Barrier) -> None:
    # The barrier waits until every thread has one of these jobs, so that none gets two.
    barrier.wait(timeout=10)
    connections.close_all()
