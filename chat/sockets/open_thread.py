"""A thread of an open page."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from chat.live import registry
from chat.live.presence import presence
from chat.live.wakeups import Flag
from chat.relays import background
from chat.sockets.company import company_html, mark_of
from chat.sockets.cursors import Cursor
from chat.sockets.following import follow
from chat.sockets.frames import delta, is_behind
from chat.sockets.protocol import frame_of

if TYPE_CHECKING:
    from uuid import UUID

    from chat.live.run import LiveRun
    from chat.live.wakeups import Wakeup
    from chat.sockets.protocol import ThreadState


class OpenThread:
    """A conversation on an open page: what the page has of it, and the live runs that it shows."""

    def __init__(self, state: ThreadState, wakeup: Wakeup) -> None:
        self.code = state.code
        self.head = state.head
        self.title = state.title
        self.access = state.access
        self.system = state.system
        self.queue = state.queue
        self.unread = state.unread
        self.present = state.present
        # Whether the reader may write, once the server has looked it up.
        self.may_write = False
        # This flag is set when somebody comes, goes, or begins to write.
        self.company = Flag(wakeup, is_raised=state.present is not None)
        # The moment at which what is known of them expires.
        self._company_until = float("inf")
        # Whether the page must not learn which models answer.
        self.hides_names = False
        self.cursors = {run: Cursor(text) for run, text in state.cursors.items()}
        # This flag is set when the conversation changes.
        self.news = Flag(wakeup, is_raised=True)
        # Runs that the page shows as live.
        self.shown_live = list(self.cursors)
        # Live runs that no process relays yet, so that they have to be looked up again soon.
        self._awaited: list[UUID] = []
        self.watched: dict[UUID, LiveRun] = {}
        self._wakeup = wakeup

    def delta(self) -> str:
        """Render what the page lacks of the live runs, and move their cursors."""
        return "".join(
            delta(live_run, self.cursors[code], hides_names=self.hides_names)
            for code, live_run in self.watched.items()
            if not live_run.has_ended
        )

    def frame(self, html: str) -> dict[str, Any]:
        """Return the content of a frame: the HTML, and what the page has once it has applied it."""
        return frame_of(self.code, html, self.head, self.cursors)

    def take_news(self) -> bool:
        """Return whether the conversation has to be looked up: it has changed, or a watched run has ended.

        The end of a run also changes its conversation. While it is being stored, both are one look-up's.
        """
        self._watch_awaited()
        has_ended = self._drop_ended()
        if any(live_run.is_ending for live_run in self.watched.values()):
            return has_ended
        return self.news.take() or has_ended

    def take_company(self) -> bool:
        """Return whether it has to be looked up who is here."""
        if self.present is None:
            return False
        return self.company.take() or time.monotonic() >= self._company_until

    def company_frame(self, reader: int) -> str:
        """Render who else is here, if the page shows something else."""
        self._company_until = presence.next_change(self.code)
        people = presence.people_in(self.code, besides=reader)
        mark = mark_of(people)
        if mark == self.present:
            return ""
        self.present = mark
        return company_html(self.code, people)

    @property
    def seconds_to_company(self) -> float:
        return max(0.0, self._company_until - time.monotonic()) if self.present is not None else float("inf")

    def _drop_ended(self) -> bool:
        """Stop watching the runs that have ended here; return whether there was one."""
        ended = [live_run for live_run in self.watched.values() if live_run.has_ended]
        for live_run in ended:
            del self.watched[live_run.code]
            live_run.unwatch(self._wakeup)
        return bool(ended)

    def forget(self, run: UUID) -> None:
        """Drop what is known of a run that the page no longer shows as live."""
        self.cursors.pop(run, None)
        if run in self.shown_live:
            self.shown_live.remove(run)

    def watch(self, live: dict[UUID, str]) -> None:
        """Watch these live runs, given with the owners of their leases."""
        self.shown_live = list({*self.shown_live, *live})
        if self._awaited:
            registry.await_no_relay(self._wakeup)
        self._awaited = [
            run for run, owner in live.items() if run not in self.watched and not self._watch(run, owner)
        ]
        for run in self._awaited:
            registry.await_relay(run, self._wakeup)

    async def wait_for_text(self, seconds: float) -> None:
        """Wait until each watched run has its first event or has ended, but at most so long."""
        until = time.monotonic() + seconds
        while any(not (each.seq or each.has_ended) for each in self.watched.values()):
            if (left := until - time.monotonic()) <= 0:
                return
            await self._wakeup.wait(left)

    def unwatch_all(self) -> None:
        for live_run in self.watched.values():
            live_run.unwatch(self._wakeup)
        registry.await_no_relay(self._wakeup)

    @property
    def is_waiting_for_start(self) -> bool:
        return bool(self._awaited)

    @property
    def is_behind(self) -> bool:
        return any(is_behind(live_run, self.cursors[code]) for code, live_run in self.watched.items())

    def _watch(self, run: UUID, owner: str) -> bool:
        """Watch a run that any process relays or has in its queue; return False if none has it yet."""
        live_run = registry.find(run) or self._find_elsewhere(run, owner)
        if live_run is not None:
            self._show(run, live_run)
        return live_run is not None

    def _show(self, run: UUID, live_run: LiveRun) -> None:
        live_run.watch(self._wakeup)
        self.watched[run] = live_run
        self.cursors.setdefault(run, Cursor())

    def _watch_awaited(self) -> None:
        """Watch the awaited runs that this process relays by now, without another look-up."""
        for run in self._awaited:
            if (live_run := registry.find(run)) is not None:
                self._show(run, live_run)
        self._awaited = [run for run in self._awaited if run not in self.watched]

    def _find_elsewhere(self, run: UUID, owner: str) -> LiveRun | None:
        if not owner:
            return registry.wait_for(run, self.code)
        return None if background.is_ours(owner) else follow(run, self.code)
