from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from playground.demo.stage import Stage

# The number of tokens without a pace that are sent together before other tasks run.
_TURN_EVERY = 16


class Pacer:
    """A pace of tokens per second, on a schedule that does not drift."""

    def __init__(self, stage: Stage) -> None:
        self.rate = 0.0
        self._stage = stage
        self._due = 0.0
        self._sent = 0

    def restart(self) -> None:
        self._due = 0.0

    async def token_sent(self, flush: Callable[[], Awaitable[None]]) -> None:
        """Wait until the next token is due. Without a pace, several tokens are sent together."""
        self._sent += 1
        if self.rate <= 0 or self._stage.speed <= 0:
            if self._sent % _TURN_EVERY == 0:
                await flush()
                await asyncio.sleep(0)
            return
        await flush()
        now = time.monotonic()
        self._due = (self._due or now) + 1 / (self.rate * self._stage.speed)
        await asyncio.sleep(max(0.0, self._due - now))
