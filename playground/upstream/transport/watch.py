"""The time limits of one stream, on a single timer. Data only moves the time at which it is due."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from playground.upstream.errors.exceptions import FailureKind, TookTooLong

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from playground.upstream.transport.requests import Clocks

T = TypeVar("T")

_MESSAGES = {
    FailureKind.TIMEOUT_FIRST_TOKEN: "The provider did not begin to answer within {seconds:g} s.",
    FailureKind.TIMEOUT_IDLE: "The provider sent nothing for {seconds:g} s.",
    FailureKind.TIMEOUT_TOTAL: "The answer did not end within {seconds:g} s.",
}


class Watch:
    """The time limits of one stream: ``wait`` raises when the current one has run out.

    A timer for each read would cost more than the read. So there is one for the stream; if it
    fires early, because data came since, it is set again. It interrupts only a task that waits
    for the upstream: the time that the consumer of the events takes does not count.
    """

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._loop = asyncio.get_running_loop()
        self._total_at = self._loop.time() + clocks.total
        self._kind = FailureKind.TIMEOUT_FIRST_TOKEN
        self._seconds = clocks.first_token
        self._soft_at = self._loop.time() + clocks.first_token
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[object] | None = None
        self._has_fired = self._has_finished = False

    def note_first_token(self) -> None:
        if self._kind is FailureKind.TIMEOUT_FIRST_TOKEN:
            self._switch(self._clocks.idle)

    def note_finish(self) -> None:
        """Switch to the limit after the finish, at the first call only: every later read calls it again."""
        if self._has_finished:
            return
        self._has_finished = True
        self._switch(min(self._clocks.idle, self._clocks.after_finish))

    def note_data(self) -> None:
        if self._kind is FailureKind.TIMEOUT_IDLE:
            self._soft_at = self._loop.time() + self._seconds

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Await it; raise ``TookTooLong`` if a limit runs out first."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine of asyncio runs in a task
        already_cancelling = task.cancelling()
        self._arm()
        self._waiting = task
        try:
            return await awaitable
        except asyncio.CancelledError:
            # The same check as in asyncio.timeout: other code may have cancelled the task as well.
            if self._has_fired and task.uncancel() <= already_cancelling:
                raise self._error() from None
            raise
        finally:
            self._waiting = None

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _switch(self, seconds: float) -> None:
        self._kind, self._seconds = FailureKind.TIMEOUT_IDLE, seconds
        self._soft_at = self._loop.time() + seconds
        self.stop()

    def _arm(self) -> None:
        if self._timer is None:
            # The timer fired while nothing waited, or the limit was changed: the soft limit starts again.
            self._soft_at = max(self._soft_at, self._loop.time() + self._seconds)
            self._timer = self._loop.call_at(self._due, self._fire)

    @property
    def _due(self) -> float:
        return min(self._soft_at, self._total_at)

    def _fire(self) -> None:
        self._timer = None
        if self._waiting is None:
            return
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._fire)
            return
        self._has_fired = True
        self._waiting.cancel()

    def _error(self) -> TookTooLong:
        is_total = self._total_at <= self._soft_at
        kind = FailureKind.TIMEOUT_TOTAL if is_total else self._kind
        seconds = self._clocks.total if is_total else self._seconds
        return TookTooLong(kind, _MESSAGES[kind].format(seconds=seconds))
