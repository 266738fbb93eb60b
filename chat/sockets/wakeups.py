"""What wakes the writer of a socket, and why. From any thread."""

from __future__ import annotations

import asyncio
import contextlib
import threading


class Signal:
    """Wakes the writer."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._event = asyncio.Event()

    def wake(self) -> None:
        if threading.get_ident() == self._thread:
            self._event.set()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()


class Flag:
    """Wakes the writer and remembers that it did, until that is taken."""

    def __init__(self, signal: Signal, *, is_raised: bool = False) -> None:
        self._signal = signal
        self._is_raised = is_raised

    def wake(self) -> None:
        self._is_raised = True
        self._signal.wake()

    def take(self) -> bool:
        """Whether it was raised since it was last taken."""
        # Lowered before the caller looks: what changes while it looks raises it again.
        was_raised, self._is_raised = self._is_raised, False
        return was_raised

    def raise_quietly(self) -> None:
        """For whoever asks next; the writer sleeps on."""
        self._is_raised = True
