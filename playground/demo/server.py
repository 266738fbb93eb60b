"""The demo upstream as a server on the loopback interface, and the instance that a process shares."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections import deque
from contextlib import suppress

from playground.demo.api import Api
from playground.demo.connection import Connection
from playground.demo.stage import Gate, RecordedRequest, Stage

HOST = "127.0.0.1"
_START_SECONDS = 10.0
_GRACE_SECONDS = 2.0


class DemoServer:
    """The server. It records the last ``record`` requests; the product records none."""

    def __init__(self, *, speed: float = 1.0, rate: float | None = None, record: int = 1000) -> None:
        self.api = Api(rate=rate)
        self.stage = Stage(speed=speed, requests=deque(maxlen=record))
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._port = 0

    @property
    def base_url(self) -> str:
        """The base URL, including the version."""
        return f"http://{HOST}:{self._port}/v1"

    @property
    def requests(self) -> deque[RecordedRequest]:
        return self.stage.requests

    @property
    def speed(self) -> float:
        return self.stage.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self.stage.speed = speed

    def remember(self, requests: int) -> None:
        """Record the last ``requests`` requests from now on, and delete earlier ones."""
        self.stage.requests = deque(maxlen=requests)

    def hold_after(self, tokens: int) -> Gate:
        """Stop every stream after so many tokens, until the gate is released."""
        self.stage.gate = Gate(tokens)
        return self.stage.gate

    async def start(self, port: int = 0) -> None:
        """Listen on a port; 0 is any free one."""
        self._server = await asyncio.start_server(self._connected, HOST, port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self, grace: float = _GRACE_SECONDS) -> None:
        """Refuse new connections, let streams end for ``grace`` seconds, then close them."""
        if self._server is None:
            return
        self._server.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                for connection in list(self._connections.values()):
                    await connection.idle.wait()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, self.stage, self.api.respond)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - tells the type checker; a coroutine runs in a task
        self._connections[task] = connection
        # A stopping server cancels its connections, and no code awaits this task.
        try:
            with suppress(asyncio.CancelledError):
                await connection.serve()
        finally:
            del self._connections[task]


class _Background:
    """A server with a loop of its own in a daemon thread."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.server = DemoServer(record=0)
        self._loop = asyncio.new_event_loop()
        self._is_ready = threading.Event()
        self._problem: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="demo-upstream", daemon=True)
        self._thread.start()
        if not self._is_ready.wait(_START_SECONDS):
            raise TimeoutError("The demo upstream did not start.")
        if self._problem is not None:
            raise self._problem

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self.server.start())
        except OSError as problem:
            self._problem = problem
            return
        finally:
            self._is_ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self.server.stop(grace=0))
        self._loop.close()

    def stop(self) -> None:
        if self.pid == os.getpid() and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_GRACE_SECONDS)


_lock = threading.Lock()
_background: _Background | None = None


def shared() -> DemoServer:
    """Return the process's demo upstream, started on first use. Thread-safe."""
    global _background
    with _lock:
        # A forked child inherits the object, but not its thread and loop.
        if _background is None or _background.pid != os.getpid():
            _background = _Background()
            atexit.register(_background.stop)
        return _background.server
