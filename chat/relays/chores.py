"""What a process does again and again: each chore outlives its own failures."""

from __future__ import annotations

import asyncio
import functools
import logging
from typing import TYPE_CHECKING

from chat.flows.keep_exchanges import purge_exchanges
from chat.flows.sweep_files import sweep_files, sweep_orphans
from chat.live.executor import in_database
from playground import heap

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Job = Callable[[], Awaitable[object]]

logger = logging.getLogger(__name__)

# Memory that was freed goes back to the system so often: what is kept is what a minute needs.
HEAP_SECONDS = 60.0


async def forever(name: str, job: Job, seconds: float) -> None:
    """Do it, and again so many seconds after it was done."""
    while True:
        await attempt(name, job)
        await asyncio.sleep(seconds)


async def attempt(name: str, job: Job) -> None:
    try:
        await job()
    except Exception:
        # Whatever it was: a chore that ended would be missed without a word.
        logger.warning("%s failed, trying again.", name, exc_info=True)


async def tidy_up() -> None:
    for tidy in (purge_exchanges, sweep_files, sweep_orphans):
        await attempt(tidy.__name__, functools.partial(in_database, tidy))


async def give_back() -> None:
    """After a while, and in a thread: see :func:`playground.heap.give_back`."""
    await asyncio.sleep(HEAP_SECONDS)
    await asyncio.to_thread(heap.give_back)
