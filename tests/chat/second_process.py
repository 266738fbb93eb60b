"""Another process of the installation, inside a test: its own connection, clock and copies of runs.

The code that follows runs is the real one, over the real Redis if there is one. Only the clock is the test's:
it moves when the test says so, and everything that is due is done before the test goes on.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import ExitStack
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from django.conf import settings

from chat.live import broadcast, database_threads, registry, tail
from chat.live.broadcast import WAKE_UPS
from chat.live.peers import Peers
from chat.live.run import LiveRun
from chat.live.tail import PIECES, Inbox
from chat.sockets import consumer, following, frame_writer, frames, reader
from chat.sockets.consumer import PageConsumer
from chat.sockets.news import News

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User


class Loop(asyncio.SelectorEventLoop):
    """A loop whose clock the test moves."""

    moment = 1000.0

    def time(self) -> float:
        return self.moment


class Watcher:
    def __init__(self) -> None:
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1


class Socket(PageConsumer):
    """The real socket of an open page, from its first command on; the test is its browser.

    Its reader has access, and the conversation has no news but the run that it shows.
    """

    def __init__(self, user: User, shown: LiveRun) -> None:
        super().__init__()
        self.user = user
        self.shown = shown
        # Frames that were sent and not taken yet, each with its cursor.
        self.sent: list[tuple[str, str]] = []
        # Number of look-ups of what the page lacks.
        self.looks = 0

    async def open(self, cursor: str) -> None:
        self.scope = {"url_route": {"kwargs": {"code": self.shown.conversation_code}}, "cookies": {}}
        self._cleanup = ExitStack()
        for module, name, value in (
            (reader, "user_of_session", lambda key: self.user),
            (reader, "get_conversation_for", lambda user, code: None),
            (frame_writer, "news", self._look),
        ):
            self._cleanup.enter_context(patch.object(module, name, value))
        registry.open_followed(self.shown)
        self._cleanup.callback(registry.close_followed, self.shown)
        await self.connect()
        await self._hello({"head": "", "cursors": {str(self.shown.code): cursor}})

    async def shut(self) -> None:
        self._cleanup.close()

    async def accept(self, *_: Any, **__: Any) -> None:
        """Skip the handshake: there is no browser."""

    def _look(self, *_: Any) -> News:
        self.looks += 1
        return News("", "", "", {self.shown.code: "the process that relays"}, [])

    async def send(self, text_data: str, **_: Any) -> None:
        frame = json.loads(text_data)
        self.sent.append((frame["html"], frame["cursors"][str(self.shown.code)]))
        self._outbox.acknowledge(frame["n"])

    def lose_wake_ups(self) -> None:
        """Lose all wake-ups until :meth:`find_wake_ups`."""
        self.shown.unwatch(self._wakeup)
        broadcast.unwatch(self.topic, self._threads[0].news)

    def find_wake_ups(self) -> None:
        self.shown.watch(self._wakeup)
        broadcast.watch(self.topic, self._threads[0].news)

    @property
    def topic(self) -> str:
        assert self.shown.conversation_code is not None
        return broadcast.conversation_topic(self.shown.conversation_code)


class SecondProcess:
    def __init__(self) -> None:
        self._loop = Loop()
        self._pending = 0
        self._received = 0
        self._inbox = Inbox()
        self._handlers = {PIECES: self._take, WAKE_UPS: self._wake}
        self._followers: list[asyncio.Task[None]] = []
        self._patches = ExitStack()
        clock = SimpleNamespace(monotonic=self._loop.time)
        for module, name, value in (
            (following, "in_database", self._in_database),
            (following, "inbox", self._inbox),
            (consumer, "for_reader", self._in_database),
            (frame_writer, "for_reader", self._in_database),
            (frame_writer, "for_streaming_page", self._in_database),
            (following, "time", clock),
            (tail, "time", clock),
            (reader, "time", clock),
            (frames, "time", clock),
        ):
            self._patches.enter_context(patch.object(module, name, value))
        self._peers: list[Peers] = []
        self._listeners: list[asyncio.Task[None]] = []
        if settings.REDIS_URL:
            self._connect()

    def follow(self, origin: LiveRun) -> LiveRun:
        """Return a copy of the run with a reader, as :func:`chat.sockets.following.follow` makes it."""
        copy = LiveRun(0, origin.code, origin.conversation_code)
        copy.watch(Watcher())
        self._followers.append(self._loop.create_task(following._copy(copy)))
        self.pass_time(0)
        return copy

    def open_page(self, user: User, shown: LiveRun, cursor: str = "") -> Socket:
        socket = Socket(user, shown)
        self._loop.run_until_complete(socket.open(cursor))
        self.pass_time(0)
        return socket

    def close_page(self, socket: Socket) -> None:
        self._loop.run_until_complete(socket.shut())
        self.pass_time(0)

    def receive(self, message: bytes) -> None:
        """Take a message of the first process; the followers have not read it yet."""
        self._carry(PIECES, message)

    def receive_wake_ups(self, *topics: str) -> None:
        """Take wake-ups of the first process, all in one message."""
        self._carry(WAKE_UPS, "\n".join(topics).encode())

    def _carry(self, kind: bytes, message: bytes) -> None:
        if not self._peers:
            self._handlers[kind](message)
            return
        before = self._received
        assert self._loop.run_until_complete(self._peers[0].publish(kind, message))
        self._wait_until(lambda: self._received > before)

    def pass_time(self, seconds: float) -> None:
        self._loop.moment += seconds
        self._loop.run_until_complete(self._settle())

    def stop_following(self) -> None:
        """Cancel all copies, as when the process ends."""
        for follower in self._followers:
            follower.cancel()
        self._loop.run_until_complete(_ended(self._followers))
        self._followers.clear()

    def close(self) -> None:
        self.stop_following()
        for listener in self._listeners:
            listener.cancel()
        self._loop.run_until_complete(_ended(self._listeners))
        for peers in self._peers:
            self._loop.run_until_complete(peers.aclose())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
        self._patches.close()

    def _connect(self) -> None:
        stands: list[bool] = []

        async def connect() -> None:
            for handlers in ({}, self._handlers):
                peers = Peers(handlers, on_gap=lambda: stands.append(True))
                self._peers.append(peers)
                self._listeners.append(asyncio.ensure_future(peers.listen()))

        self._loop.run_until_complete(connect())
        self._wait_until(lambda: len(stands) == 2)

    def _take(self, message: bytes) -> None:
        self._received += 1
        self._inbox.receive(message)

    def _wake(self, message: bytes) -> None:
        self._received += 1
        broadcast.receive(message)

    def _wait_until(self, is_reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not is_reached():
            assert time.monotonic() < deadline
            self._loop.run_until_complete(asyncio.sleep(0))

    async def _settle(self) -> None:
        idle = 0
        while idle < 6:
            await asyncio.sleep(0)
            idle = 0 if self._pending else idle + 1

    async def _in_database(self, job: Any, *args: Any) -> Any:
        self._pending += 1
        try:
            return await database_threads.in_database(job, *args)
        finally:
            self._pending -= 1


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
