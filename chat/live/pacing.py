"""Limits for the frames of a socket: how often they are sent, and how much is on its way."""

from __future__ import annotations

import asyncio
import time

FRAME_SECONDS = 0.05
SLOWEST_FRAME_SECONDS = 0.5
# The largest share of the processor that may go into rendering frames. Under load, frames come less often.
FRAMES_SHARE = 0.35
WINDOW_SECONDS = 0.5

FRAMES_IN_FLIGHT = 12
BYTES_IN_FLIGHT = 1024 * 1024
FRAMES_PER_ACKNOWLEDGEMENT = 5
# A browser that acknowledges nothing for this long has stopped reading.
ACKNOWLEDGE_SECONDS = 30.0


class FrameClock:
    """The time between frames of one socket: steady while the process is idle, longer under load.

    Every half second it compares the share of time spent on frames with the allowed one. A larger
    share stretches the interval in proportion; a smaller one shrinks it again.
    """

    def __init__(self) -> None:
        self.interval = FRAME_SECONDS
        self._window_started = time.perf_counter()
        self._spent = 0.0

    def note(self, started: float) -> None:
        """Count the time from ``started``, a reading of ``time.perf_counter``, as time spent on frames."""
        ended = time.perf_counter()
        self._spent += ended - started
        if ended - self._window_started >= WINDOW_SECONDS:
            self._adapt(self._spent / (ended - self._window_started))
            self._window_started, self._spent = ended, 0.0

    def _adapt(self, share: float) -> None:
        factor = max(share / FRAMES_SHARE, 0.8)
        self.interval = min(max(self.interval * factor, FRAME_SECONDS), SLOWEST_FRAME_SECONDS)


frame_clock = FrameClock()


class Outbox:
    """Frames that were sent and not acknowledged. Beyond 1 MiB or twelve frames the writer waits."""

    def __init__(self) -> None:
        self._number = 0
        self._in_flight: dict[int, int] = {}
        self._bytes = 0
        self._since_asked = 0
        self._may_send = asyncio.Event()
        self._may_send.set()

    def next_number(self) -> int:
        self._number += 1
        return self._number

    def asks_for_acknowledgement(self, size: int) -> bool:
        """Return whether a frame of that size should ask for one.

        An acknowledgement covers all earlier frames and costs a read, so only some frames ask.
        """
        is_due = self._since_asked + 1 >= FRAMES_PER_ACKNOWLEDGEMENT
        return is_due or self._bytes + size >= BYTES_IN_FLIGHT // 4

    def sent(self, number: int, size: int, *, has_asked: bool) -> None:
        self._since_asked = 0 if has_asked else self._since_asked + 1
        self._in_flight[number] = size
        self._bytes += size
        if len(self._in_flight) >= FRAMES_IN_FLIGHT or self._bytes >= BYTES_IN_FLIGHT:
            self._may_send.clear()

    def acknowledge(self, number: object) -> bool:
        """Take an acknowledgement of that frame and all before it; return False if there was none to take."""
        if not isinstance(number, int):
            return False
        acknowledged = [sent for sent in self._in_flight if sent <= number]
        for sent in acknowledged:
            self._bytes -= self._in_flight.pop(sent)
        if len(self._in_flight) < FRAMES_IN_FLIGHT and self._bytes < BYTES_IN_FLIGHT:
            self._may_send.set()
        return bool(acknowledged)

    async def may_send(self) -> bool:
        """Wait until another frame may leave; return False if the browser has stopped reading."""
        if self._may_send.is_set():
            return True
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                await self._may_send.wait()
        except TimeoutError:
            return False
        return True
