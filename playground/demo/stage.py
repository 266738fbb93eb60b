"""Controls of a running server: recorded requests, speed and gates."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from playground.demo.api import HttpRequest


@dataclass(slots=True)
class RecordedRequest:
    """A request and the course of its response. Times are from the monotonic clock."""

    request: HttpRequest
    received_at: float = field(default_factory=time.monotonic)
    tokens_written: int = 0
    bytes_written: int = 0
    # The time at which the client was found to have left early.
    disconnected_at: float | None = None
    is_complete: bool = False
    # Set when the response is complete or the client has left. Tests wait for it instead of sleeping.
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def path(self) -> str:
        return self.request.path

    @property
    def headers(self) -> dict[str, str]:
        return self.request.headers

    @property
    def body(self) -> Any:
        """The JSON body, or None without one."""
        return json.loads(self.request.body) if self.request.body else None


class Gate:
    """A stop for streams after so many tokens, until it is released. Thread-safe."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        # Set once the first stream waits at the gate.
        self.reached = threading.Event()
        self._lock = threading.Lock()
        self._is_open = False
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def release(self) -> None:
        with self._lock:
            self._is_open = True
            waiting, self._waiting = self._waiting, []
        for loop, opened in waiting:
            # The server was stopped in the meantime, and its loop is closed.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(opened.set)

    async def pass_through(self) -> None:
        opened = asyncio.Event()
        with self._lock:
            if self._is_open:
                return
            self._waiting.append((asyncio.get_running_loop(), opened))
        self.reached.set()
        await opened.wait()


@dataclass(slots=True)
class Stage:
    """Controls of a server. ``speed`` 2 is twice the models' own pace; 0 never waits."""

    speed: float = 1.0
    requests: deque[RecordedRequest] = field(default_factory=lambda: deque(maxlen=0))
    gate: Gate | None = None
    # Streams that wait for others, by the place where they meet. Only the server's loop uses it.
    meetings: dict[str, list[asyncio.Event]] = field(default_factory=dict)

    async def meet(self, place: str, streams: int) -> None:
        here = asyncio.Event()
        waiting = self.meetings.setdefault(place, [])
        waiting.append(here)
        if len(waiting) >= streams:
            for other in self.meetings.pop(place):
                other.set()
        try:
            await here.wait()
        finally:
            # If its client has left, the stream no longer counts.
            if here in self.meetings.get(place, ()):
                self.meetings[place].remove(here)

    def record(self, request: HttpRequest) -> RecordedRequest:
        recorded = RecordedRequest(request)
        self.requests.append(recorded)
        return recorded
