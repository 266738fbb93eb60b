"""The runs of one process that wait for a place.

The queue itself is in the database, and all processes share it: see :mod:`chat.flows.claim_runs`.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import threading
import time
from typing import TYPE_CHECKING, Protocol, TypeAlias

from django.conf import settings
from django.db import DatabaseError

from chat.flows.claim_runs import claim_at_once, claim_runs
from chat.live import broadcast, registry
from chat.live.database_threads import for_queue
from chat.live.run import LiveRun
from chat.live.turns import is_ample
from chat.live.wakeups import Flag, Wakeup
from chat.models import Run
from chat.relays import chores

if TYPE_CHECKING:
    from uuid import UUID

logger = logging.getLogger(__name__)

# The kind of message that tells other processes to poll the queue. A lost one costs a poll.
QUEUE = b"q"
# Seconds between two polls of the queue without a wake-up.
POLL_SECONDS = 1.0

# The run once there is a place for it; None once this process no longer waits for one.
Claim: TypeAlias = "asyncio.Future[Run | None]"


class Relays(Protocol):
    """The relays that the queue adds to."""

    owner: str

    def count(self) -> int: ...

    def is_relayed(self, code: UUID) -> bool: ...

    def relay(self, live_run: LiveRun, claim: Claim) -> None: ...

    def announce_queue(self) -> None: ...


class RunQueue:
    """Runs that this process was asked to start and that have no place yet. On the event loop's thread only.

    The dispatcher also takes runs that no process was asked for, such as those queued before a restart.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, relays: Relays) -> None:
        self.wakeup = Wakeup(loop)
        # A change in this process, which other processes may not know yet.
        self._news = Flag(self.wakeup)
        # A run of this process, or another process, asks for a poll.
        self._asked = Flag(self.wakeup)
        # Whether any run waited at the last poll, and when that was.
        self._is_empty = False
        self._polled_at = 0.0
        self._loop = loop
        self._relays = relays
        self._requested: dict[int, tuple[LiveRun, Claim]] = {}
        # Places for runs that are being claimed in other threads: see claim_at_once().
        self._reserved = 0
        self._reserving = threading.Lock()
        self._is_closed = False

    def request(self, live_run: LiveRun) -> Claim:
        """Ask for a place and return the claim on it."""
        claim: Claim = self._loop.create_future()
        self._requested[live_run.run_pk] = (live_run, claim)
        self.ask()
        return claim

    def ask(self) -> None:
        """Poll the queue soon."""
        self._asked.wake()

    def claim_at_once(self, run: Run) -> bool:
        """Claim a run that was just opened, without a look at the queue; return whether that was possible.

        On the thread that has opened it, and then its place is reserved until :meth:`take_reserved`.
        """
        with self._reserving:
            # Runs that wait in this process count too.
            running = self._relays.count() + self._reserved
            if self._is_closed or not is_ample(settings.MAX_STREAMS - running, running, 1):
                return False
            self._reserved += 1
        is_claimed = False
        try:
            is_claimed = claim_at_once(self._relays.owner, run)
        except DatabaseError:
            # The run is in the queue, and is claimed as soon as the database is available.
            logger.warning("Run %s could not be claimed at once.", run.code, exc_info=True)
        finally:
            if not is_claimed:
                self._free_reserved()
        return is_claimed

    def take_reserved(self, run: Run) -> Claim:
        """Return the claim on a run that was claimed at once. Its place is that of its relay from now on."""
        self._free_reserved()
        claim: Claim = self._loop.create_future()
        claim.set_result(run)
        return claim

    def _free_reserved(self) -> None:
        with self._reserving:
            self._reserved -= 1

    def forget(self, live_run: LiveRun) -> None:
        self._requested.pop(live_run.run_pk, None)

    async def dispatch_forever(self) -> None:
        """Poll the queue at every wake-up, and now and then, until :meth:`close`."""
        broadcast.watch(broadcast.PLACES, self._news)
        while True:
            await self.wakeup.wait(POLL_SECONDS)
            if self._is_closed:
                return
            is_asked, is_news = self._asked.take(), self._news.take()
            if (
                is_news
                and not is_asked
                and self._is_empty
                and time.monotonic() < self._polled_at + POLL_SECONDS
            ):
                # A place is free, and nobody waits for one.
                continue
            poll = functools.partial(self._dispatch, is_news=is_news)
            await chores.attempt("Polling the run queue", poll)

    def close(self) -> None:
        """End the dispatcher after its current poll. Runs that this poll claims still begin."""
        self._is_closed = True
        broadcast.unwatch(broadcast.PLACES, self._news)
        self.wakeup.wake()

    def leave(self) -> None:
        """Leave all waiting runs to other processes."""
        for _, claim in list(self._requested.values()):
            if not claim.done():
                claim.set_result(None)
        self._requested.clear()
        registry.set_queue_positions({})
        self._relays.announce_queue()

    async def _dispatch(self, *, is_news: bool) -> None:
        """Begin the runs that there is a place for, and set the queue positions of the others."""
        requested = dict(self._requested)
        running = self._relays.count() - len(self._requested) + self._reserved
        result = await for_queue(
            claim_runs, self._relays.owner, settings.MAX_STREAMS - running, list(requested)
        )
        self._is_empty = not result.queue_positions and not result.claimed
        self._polled_at = time.monotonic()
        for run in result.claimed:
            self._begin(run)
        has_joined = self._set_positions(requested, result.queue_positions)
        registry.set_queue_positions(result.queue_positions)
        if is_news or has_joined:
            self._relays.announce_queue()

    def _begin(self, run: Run) -> None:
        if (requested := self._requested.pop(run.pk, None)) is not None:
            _, claim = requested
        else:
            # Another process was asked for this run, or it is from before a restart, or it was
            # stopped here a moment ago.
            claim = self._loop.create_future()
        if not claim.done():
            claim.set_result(run)
        if not self._relays.is_relayed(run.code):
            self._relays.relay(LiveRun(run.pk, run.code, run.conversation_code), claim)

    def _set_positions(self, requested: dict[int, tuple[LiveRun, Claim]], positions: dict[UUID, int]) -> bool:
        """Tell waiting runs their positions; return whether one of them had none before."""
        has_joined = False
        for pk, (live_run, claim) in requested.items():
            if pk not in self._requested:
                continue
            position = positions.get(live_run.code)
            has_joined = has_joined or (position is not None and live_run.queue_position is None)
            live_run.set_queue_position(position)
            if position is None and not claim.done():
                # The run began in another process, or was stopped.
                del self._requested[pk]
                claim.set_result(None)
        return has_joined
