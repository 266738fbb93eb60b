"""Wake-ups for a task that sleeps until there is something to do."""

from __future__ import annotations

import asyncio
import contextlib


class Wakeup:
    """Wakes the one task that waits for it. ``wake`` may be called from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop or asyncio.get_running_loop()
        self._event = asyncio.Event()

    def wake(self) -> None:
        # A task that is awake already, or about to be, looks for changes after it has cleared the event.
        if self._event.is_set():
            return
        if running_loop() is self._loop:
            self._event.set()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float) -> None:
        """Sleep until the next wake-up, but at most so long."""
        if not self._event.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._event.wait()
        self._event.clear()


class Flag:
    """A reason for a wake-up, remembered until it is taken."""

    def __init__(self, wakeup: Wakeup, *, is_raised: bool = False) -> None:
        self._wakeup = wakeup
        self._is_raised = is_raised

    def wake(self) -> None:
        self._is_raised = True
        self._wakeup.wake()

    def take(self) -> bool:
        """Lower the flag and return whether it was raised."""
        # The flag is lowered before the caller looks: a change during the look raises it again.
        was_raised, self._is_raised = self._is_raised, False
        return was_raised

    def raise_quietly(self) -> None:
        """Raise the flag for the next :meth:`take`, without a wake-up."""
        self._is_raised = True


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the loop that runs on this thread, if there is one."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
