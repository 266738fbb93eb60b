"""The task that sends frames to one page."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import msgspec
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404

from chat.live.database_threads import for_reader, for_streaming_page
from chat.live.pacing import FRAME_SECONDS, frame_clock
from chat.sockets.frames import PARTS_SECONDS
from chat.sockets.news import news
from chat.sockets.protocol import FAILED, NO_ACCESS, RESTARTING, TOO_SLOW

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from chat.live.pacing import Outbox
    from chat.live.run import LiveRun
    from chat.live.wakeups import Flag, Wakeup
    from chat.sockets.news import News
    from chat.sockets.open_thread import OpenThread
    from chat.sockets.reader import LookUp, PageReader

logger = logging.getLogger(__name__)

# Seconds until a run that was opened and not started yet is looked up again.
RETRY_SECONDS = 0.05


class _SocketCloses(Exception):
    """The socket has to close with that code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class FrameWriter:
    """Sends each thread's frames, in turns, and waits for a wake-up in between.

    A slow browser gets bigger frames and no more of them; one that has stopped reading is dropped.
    """

    def __init__(
        self,
        reader: PageReader,
        threads: list[OpenThread],
        outbox: Outbox,
        wakeup: Wakeup,
        end: Flag,
        send: Callable[[str], Awaitable[None]],
    ) -> None:
        self._reader = reader
        self._threads = threads
        self._outbox = outbox
        self._wakeup = wakeup
        self._end = end
        self._send_text = send

    async def run(self) -> int:
        """Send frames until the socket has to close; return the close code."""
        try:
            while True:
                await self._turn()
        except _SocketCloses as closing:
            return closing.code
        except Exception:
            codes = ", ".join(str(thread.code) for thread in self._threads)
            logger.exception("The socket of conversation %s failed.", codes)
            return FAILED

    async def _turn(self) -> None:
        """Send all that the page lacks, then wait for more."""
        if self._end.take():
            raise _SocketCloses(RESTARTING)
        await self._check_reader()
        try:
            has_sent = [await self._serve(thread) for thread in self._threads]
        except (Http404, PermissionDenied):
            await self._drop_gone()
            return
        if any(has_sent) and self._has_begun:
            await asyncio.sleep(self._pause)
        await self._wakeup.wait(self._patience())

    async def _check_reader(self) -> None:
        if not self._reader.needs_check():
            return
        if settings.REDIS_URL or self._reader.has_news:
            # Wake-ups of other processes may have been lost, or the reader's role may be another one.
            self._reader.has_news = False
            for thread in self._threads:
                thread.news.raise_quietly()
        if await self._refusal_of(self._threads) is not None:
            await self._drop_gone()

    async def _drop_gone(self) -> None:
        """Serve what is left when a column was removed; close the socket if nothing is."""
        left, refusal = [], NO_ACCESS
        for thread in self._threads:
            found = await self._refusal_of([thread])
            refusal = found or refusal
            if found is None:
                left.append(thread)
        if len(left) in (0, len(self._threads)):
            raise _SocketCloses(refusal)
        self._threads[:] = left

    async def _refusal_of(self, threads: list[OpenThread]) -> int | None:
        return await self._reader.refusal([thread.code for thread in threads], self._look_up)

    async def _serve(self, thread: OpenThread) -> bool:
        """Send what the page lacks of one thread; return whether a live run had something new."""
        # The executor of a page that shows a stream is used for the end of that stream, too.
        look_up = self._look_up
        if thread.take_news():
            await self._catch_up(thread, look_up)
        if thread.take_company() and (company := thread.company_frame(self._reader.user.pk)):
            await self._send(thread, company)
        started = time.perf_counter()
        html = thread.delta()
        frame_clock.note(started)
        if html:
            await self._send(thread, html)
        return bool(html)

    async def _catch_up(self, thread: OpenThread, look_up: LookUp) -> None:
        known = (thread.code, thread.head, tuple(thread.shown_live))
        aside = (thread.title, thread.access, thread.system, thread.queue, thread.unread)
        # The frame for the end of a run that is still watched comes once the run has ended here, too.
        watched = tuple(thread.watched)
        found: News = await look_up(self._reader.in_zone(news), self._reader.user, *known, *aside, watched)
        thread.title, thread.access = found.title, found.access
        thread.may_write = found.access.startswith("write")
        thread.system, thread.queue, thread.hides_names = found.system, found.queue, found.hides_names
        # A page of several threads has one bell.
        thread.unread = None if thread.unread is None else found.unread
        if found.html:
            thread.head = found.head
            await self._send(thread, found.html)
        for run, html in found.done.items():
            thread.forget(run)
            await self._send(thread, html)
        thread.watch(found.live)

    async def _send(self, thread: OpenThread, html: str) -> None:
        """Send one frame as soon as few enough are on their way."""
        if not await self._outbox.may_send():
            raise _SocketCloses(TOO_SLOW)
        number = self._outbox.next_number()
        asks = self._outbox.asks_for_acknowledgement(len(html))
        frame = msgspec.json.encode({"n": number, "ack": asks, **thread.frame(html)})
        self._outbox.sent(number, len(frame), has_asked=asks)
        await self._send_text(frame.decode())

    @property
    def _live_runs(self) -> Iterator[LiveRun]:
        return (live_run for thread in self._threads for live_run in thread.watched.values())

    @property
    def _look_up(self) -> LookUp:
        """The executor of look-ups: a page that shows a stream does not wait for pages that come back."""
        return for_streaming_page if next(self._live_runs, None) else for_reader

    @property
    def _has_begun(self) -> bool:
        """Whether any answer has its first token. Until then a frame is sent at once."""
        return any(live_run.first_token_at is not None for live_run in self._live_runs)

    @property
    def _pause(self) -> float:
        """Seconds to collect events for the next frame. The process that relays a copied run has done so."""
        is_collected = all(live_run.comes_in_pieces for live_run in self._live_runs)
        return frame_clock.interval - (FRAME_SECONDS if is_collected else 0.0)

    def _patience(self) -> float:
        """Return how long to wait for a wake-up, given what may change without one."""
        patience = self._reader.seconds_to_check
        if any(thread.is_behind for thread in self._threads):
            patience = min(patience, PARTS_SECONDS)
        for thread in self._threads:
            patience = min(patience, thread.seconds_to_company)
            if thread.is_waiting_for_start:
                thread.news.raise_quietly()
                patience = min(patience, RETRY_SECONDS)
        return patience
