"""The relays of one event loop, and the chores that keep them going."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import secrets
import socket
from contextvars import Context
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings

from chat.flows.checkpoint_runs import Stretch, checkpoint_runs
from chat.flows.claim_runs import Seating, claim_runs
from chat.flows.reap_runs import reap_runs
from chat.flows.relay_run import relay_run
from chat.live import broadcast, registry, tail
from chat.live.executor import for_heartbeat, for_queue, in_database
from chat.live.peers import Peers
from chat.live.run import LiveRun
from chat.models import Run
from chat.relays import chores
from playground import clients

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from uuid import UUID

logger = logging.getLogger(__name__)
T = TypeVar("T")

REAP_SECONDS = 5.0
PURGE_SECONDS = 3600.0
# What processes tell each other of the queue: that it is worth a look. A lost word costs a poll.
QUEUE = b"q"
# How often the queue is looked at when nobody says that it has changed.
QUEUE_SECONDS = 1.0
# What a page has to answer that it is closing.
CLOSING_SECONDS, CLOSING_LOOKS = 1.0, 50


class _Knock:
    """Wakes the supervisor. ``wake`` may be called from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._event = asyncio.Event()
        # Somebody in this process knocked: other processes may not know yet.
        self.is_news = False

    def wake(self) -> None:
        self.is_news = True
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._event.set)

    def wake_quietly(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()


class Supervisor:
    """The relays of one event loop. ``start`` and ``stop`` may be called from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        # Names this process in leases; the random part tells it from an earlier one with its pid.
        self.owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._relays: dict[UUID, tuple[LiveRun, asyncio.Task[None]]] = {}
        # The loop keeps only weak references; without ours a task could vanish mid-stream.
        self._chores: set[asyncio.Task[Any]] = set()
        self._is_draining = False
        self._tail = tail.Writer()
        self._peers: Peers | None = None
        self._outgoing: broadcast.Outgoing | None = None
        # The runs that we were asked to start and that have no place yet.
        self._asked: dict[int, tuple[LiveRun, asyncio.Future[Run | None]]] = {}
        self._knock = _Knock(loop)
        self._usher: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start the housekeeping. On the loop's thread."""
        broadcast.watch(broadcast.PLACES, self._knock)
        self._usher = self._spawn(self._seat_forever())
        self._chores = {
            self._keep_doing("A checkpoint", self._checkpoint, settings.CHECKPOINT_MILLISECONDS / 1000),
            self._keep_doing("Reaping", self._reap, REAP_SECONDS),
            self._keep_doing("Tidying up", chores.tidy_up, PURGE_SECONDS),
            self._keep_doing("Giving memory back", chores.give_back, 0),
        }
        if settings.REDIS_URL:
            hearers = {broadcast.WAKE_UPS: broadcast.hear, tail.PIECES: tail.heard.hear, QUEUE: self._hear}
            self._peers = Peers(hearers, on_gap=broadcast.wake_everybody)
            self._outgoing = broadcast.Outgoing(self._peers)
            self._chores.add(self._spawn(self._peers.listen()))
            self._chores.add(self._keep_doing("Waking others", self._outgoing.send_next, 0))
            self._chores.add(self._keep_doing("Telling of streams", self._tell_of_streams, tail.SEND_SECONDS))
        broadcast.attach(self.loop, self._outgoing)

    def start(self, run: Run) -> None:
        self.loop.call_soon_threadsafe(
            self._start, LiveRun(run.pk, run.code, run.conversation.code), context=Context()
        )

    def stop(self, code: UUID) -> None:
        self.loop.call_soon_threadsafe(self._stop, code)

    def tasks(self) -> list[asyncio.Task[None]]:
        """The relays that are under way, or wait for a place."""
        return [task for _, task in self._relays.values()]

    async def drain(self, patience: float = 0.0) -> None:
        """Begin no more runs, leave those that wait to other processes, and give the others so many seconds.

        What has not ended by then ends as interrupted, with its text. The housekeeping stops last.
        """
        self._is_draining = True
        broadcast.announce_end()
        await self._leave_the_queue()
        for live_run, _ in self._relays.values():
            live_run.must_end_soon = True
        await self._see_pages_off()
        if tasks := self.tasks():
            await asyncio.wait(tasks, timeout=patience)
        for live_run, _ in self._relays.values():
            live_run.end_early(Run.Status.INTERRUPTED)
        await asyncio.gather(*self.tasks(), return_exceptions=True)
        if self._peers and self._outgoing:
            await self._outgoing.send()
            await self._tail.send(self._peers)
        for chore in self._chores:
            chore.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        if self._peers:
            await self._peers.aclose()
        await clients.close_upstream_client()

    async def _see_pages_off(self) -> None:
        """Their closing must be on its way before the server cuts them off."""
        for _ in range(CLOSING_LOOKS):
            if not broadcast.has_pages():
                return
            await asyncio.sleep(CLOSING_SECONDS / CLOSING_LOOKS)

    async def _leave_the_queue(self) -> None:
        broadcast.unwatch(broadcast.PLACES, self._knock)
        if self._usher is not None:
            # Not cancelled: what it claims meanwhile begins, and ends with the others.
            self._knock.wake_quietly()
            await self._usher
        for _, claim in list(self._asked.values()):
            if not claim.done():
                claim.set_result(None)
        self._asked.clear()
        registry.note_queue({})
        if self._peers:
            await self._peers.tell(QUEUE, b"")

    def _spawn(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        # A fresh context: a request's own points asgiref at an executor that is gone once the
        # response is sent.
        return self.loop.create_task(coroutine, context=Context())

    def _keep_doing(self, name: str, job: chores.Job, seconds: float) -> asyncio.Task[None]:
        return self._spawn(chores.forever(name, job, seconds))

    def _in_passing(self, coroutine: Coroutine[Any, Any, object]) -> None:
        chore = self._spawn(coroutine)
        self._chores.add(chore)
        chore.add_done_callback(self._chores.discard)

    def _start(self, live_run: LiveRun) -> None:
        if live_run.code in self._relays:
            return
        if self._is_draining:
            # Somebody else takes it from the queue.
            self._tell_of_the_queue()
            return
        claim: asyncio.Future[Run | None] = self.loop.create_future()
        self._asked[live_run.run_pk] = (live_run, claim)
        self._relay(live_run, claim)
        self._knock.wake_quietly()

    def _relay(self, live_run: LiveRun, claim: asyncio.Future[Run | None]) -> None:
        registry.open_relayed(live_run)
        task = self._spawn(relay_run(live_run, claim))
        self._relays[live_run.code] = (live_run, task)
        task.add_done_callback(lambda ended: self._forget(live_run, ended))
        broadcast.announce(live_run.conversation_code)

    def _forget(self, live_run: LiveRun, task: asyncio.Task[None]) -> None:
        self._relays.pop(live_run.code, None)
        self._asked.pop(live_run.run_pk, None)
        registry.close_relayed(live_run)
        if not live_run.has_ended:
            live_run.lose()
        if self._peers:
            self._tail.end(live_run)
            self._in_passing(self._tail.send(self._peers))
        if not task.cancelled() and (error := task.exception()):
            logger.error("The relay of run %s died; the reaper ends it.", live_run.code, exc_info=error)

    def _stop(self, code: UUID, status: str = Run.Status.STOPPED) -> None:
        if relay := self._relays.get(code):
            live_run, _ = relay
            live_run.end_early(status)

    async def _seat_forever(self) -> None:
        while True:
            await self._knock.wait(QUEUE_SECONDS)
            if self._is_draining:
                return
            is_news, self._knock.is_news = self._knock.is_news, False
            await chores.attempt("A look at the queue", functools.partial(self._seat, is_news=is_news))

    async def _seat(self, *, is_news: bool) -> None:
        """Begin what there is a place for, and tell the others how many are before them."""
        asked = dict(self._asked)
        under_way = len(self._relays) - len(self._asked)
        seating: Seating = await for_queue(
            claim_runs, self.owner, settings.MAX_STREAMS - under_way, list(asked)
        )
        for run in seating.claimed:
            if (found := self._asked.pop(run.pk, None)) is not None:
                _, claim = found
            else:
                # Asked for in another process, or before a restart; or stopped here a moment ago.
                claim = self.loop.create_future()
                asked.pop(run.pk, None)
            if not claim.done():
                claim.set_result(run)
            if run.code not in self._relays:
                self._relay(LiveRun(run.pk, run.code, run.conversation.code), claim)
        for pk, (live_run, claim) in asked.items():
            if pk not in self._asked:
                continue
            before = seating.before.get(live_run.code)
            # One that nobody had told us of before is news to the other processes as well.
            is_news = is_news or (before is not None and live_run.before is None)
            live_run.wait_behind(before)
            if before is None and not claim.done():
                # It began elsewhere, or was stopped.
                del self._asked[pk]
                claim.set_result(None)
        registry.note_queue(seating.before)
        if is_news:
            self._tell_of_the_queue()

    def _tell_of_the_queue(self) -> None:
        if self._peers:
            self._in_passing(self._peers.tell(QUEUE, b""))

    def _hear(self, _: bytes) -> None:
        self._knock.wake_quietly()

    async def _tell_of_streams(self) -> None:
        if self._peers:
            self._tail.gather(live_run for live_run, _ in self._relays.values())
            await self._tail.send(self._peers)

    async def _checkpoint(self) -> None:
        lives = {live_run.run_pk: live_run for live_run, _ in self._relays.values() if live_run.is_claimed}
        if not lives:
            return
        stretches = [stretch for live_run in lives.values() if (stretch := self._stretch_of(live_run))]
        if self._peers:
            self._in_passing(self._tail.send(self._peers))
        checkpoint = await for_heartbeat(checkpoint_runs, self.owner, list(lives), stretches)
        for stretch in stretches:
            if stretch.run_pk in checkpoint.stored:
                lives[stretch.run_pk].note_stored(stretch.seq)
        for pk in checkpoint.to_stop:
            self._stop(lives[pk].code)
        for pk in checkpoint.lost:
            # Ended by somebody else, or deleted with its conversation.
            self._stop(lives[pk].code, Run.Status.INTERRUPTED)

    def _stretch_of(self, live_run: LiveRun) -> Stretch | None:
        try:
            if self._peers:
                # No piece of the tail reaches across the end of a stretch.
                self._tail.gather([live_run])
            found = live_run.stretch()
        except Exception:
            # Without a checkpoint every other run of this process would look abandoned.
            logger.exception("Events of run %s cannot be stored.", live_run.code)
            return None
        return Stretch(live_run.run_pk, *found) if found else None

    async def _reap(self) -> None:
        # After a while without the database, ours may be renewed a moment later than the reaper looks.
        await in_database(reap_runs, spared=[live_run.run_pk for live_run, _ in self._relays.values()])
