"""Copies of runs that another process relays, for the sockets of this one.

New events arrive through :mod:`chat.live.tail`. Earlier and lost ones are read from the log.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError
from django.db.models import Max

from chat.live import registry
from chat.live.database_threads import in_database
from chat.live.run import LiveRun
from chat.live.tail import inbox
from chat.models import Run, RunChunk
from chat.structured.asked import format_of
from playground.upstream.events import decode_events

if TYPE_CHECKING:
    from uuid import UUID

    from chat.live.tail import Feed
    from chat.structured.asked import Format

logger = logging.getLogger(__name__)

# Seconds between two reads of the log, while no events arrive and while they do.
POLL_SECONDS = 0.25
CHECK_SECONDS = 1.0

_followers: set[asyncio.Task[None]] = set()


def follow(run_code: UUID, conversation_code: UUID) -> LiveRun:
    """Start to copy a run, and return the copy. It ends with the run or with its last reader."""
    copy = LiveRun(0, run_code, conversation_code)
    copy.comes_in_pieces = True
    registry.open_followed(copy)
    task = asyncio.get_running_loop().create_task(_copy(copy))
    _followers.add(task)
    task.add_done_callback(_followers.discard)
    return copy


async def _copy(copy: LiveRun) -> None:
    try:
        copy.expect(await _asked_of(copy))
        # Listening begins before the log is read, so that no event falls in between.
        with inbox.feed_of(copy.code) as feed:
            is_in_step = True
            while copy.is_watched:
                if not await _read_log(copy, is_in_step=is_in_step):
                    copy.end()
                    return
                is_in_step = await _listen(copy, feed)
    finally:
        registry.close_followed(copy)
        if not copy.has_ended:
            copy.lose()


async def _asked_of(copy: LiveRun) -> Format | None:
    try:
        return await in_database(_asked, copy.code)
    except (DatabaseError, InterfaceError):
        logger.warning("The format of run %s could not be read.", copy.code, exc_info=True)
        return None


async def _read_log(copy: LiveRun, *, is_in_step: bool) -> bool:
    """Catch up with the log; return False if the run has ended."""
    try:
        log = await in_database(_read, copy.code, copy.seq)
    except (DatabaseError, InterfaceError):
        logger.warning("The log of run %s could not be read, trying again.", copy.code, exc_info=True)
        return True
    if log.after < copy.seq and log.chunks:
        # The next chunk begins with events that the copy has. While pieces arrive without a gap, the
        # rest of the chunk arrives too. After a gap, only a copy from the beginning is complete.
        if is_in_step:
            return log.is_live
        copy.rewind()
        return await _read_log(copy, is_in_step=True)
    for seq, events in log.chunks:
        _apply(copy, seq, events)
    return log.is_live


async def _listen(copy: LiveRun, feed: Feed) -> bool:
    """Apply pieces until it is time to read the log; return False if none arrived or one was missing."""
    until = time.monotonic() + CHECK_SECONDS
    is_in_step = False
    while (left := until - time.monotonic()) > 0:
        piece = await feed.get(min(POLL_SECONDS, left))
        if piece is None or piece.is_end:
            return is_in_step
        if piece.after == copy.seq:
            _apply(copy, piece.seq, piece.events)
            is_in_step = True
        elif piece.after > copy.seq:
            # A piece was lost. The log has it after the next checkpoint, and this one too.
            is_in_step = False
            until = min(until, time.monotonic() + POLL_SECONDS)
    return is_in_step


def _apply(copy: LiveRun, seq: int, events: bytes) -> None:
    copy.apply(decode_events(events), is_saved=True)
    # Neighbouring pieces of text were joined, so there are fewer events than numbers.
    copy.seq = seq


@dataclass(frozen=True, slots=True)
class _Log:
    is_live: bool
    # The number before the first chunk's events. Each other chunk begins where the one before ends.
    after: int
    chunks: list[tuple[int, bytes]]


def _asked(run_code: UUID) -> Format | None:
    parameters = Run.objects.filter(code=run_code).values_list("parameters", flat=True).first()
    return format_of(parameters or {})


def _read(run_code: UUID, after: int) -> _Log:
    """Read the log, from the chunk on that holds the event after that number."""
    run = Run.objects.filter(code=run_code).values("pk", "status").first()
    if run is None or run["status"] not in Run.LIVE:
        return _Log(False, 0, [])
    log = RunChunk.objects.filter(run=run["pk"])
    begin = log.filter(seq__lte=after).aggregate(Max("seq"))["seq__max"] or 0
    chunks = log.filter(seq__gt=after).order_by("seq").values_list("seq", "events")
    return _Log(True, begin, [(seq, bytes(events)) for seq, events in chunks])
