"""The connection between the processes of an installation, with failures of Redis and the network."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.conf import settings as project

from chat.live import broadcast, peers
from chat.live.peers import Peers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Network:
    """A proxy before Redis that can cut connections, or drop everything silently."""

    def __init__(self) -> None:
        self.address = urlsplit(project.REDIS_URL)
        self.is_silent = False
        self.connections = 0
        self._ends: list[asyncio.StreamWriter] = []
        self._ways: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Network:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._ways, return_exceptions=True)

    @property
    def url(self) -> str:
        port = self._server.sockets[0].getsockname()[1]
        return f"redis://127.0.0.1:{port}{self.address.path}"

    def cut(self) -> None:
        ends, self._ends = self._ends, []
        for end in ends:
            end.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        host, port = self.address.hostname or "localhost", self.address.port or 6379
        redis_reader, redis_writer = await asyncio.open_connection(host, port)
        self._ends += [writer, redis_writer]
        for way in (self._carry(reader, redis_writer), self._carry(redis_reader, writer)):
            self._ways.add(asyncio.ensure_future(way))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if not self.is_silent:
                    writer.write(data)
        writer.close()


class Process:
    """The connection of one process, as its supervisor has it."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.gaps = 0
        self.peers = Peers({b"x": self.heard.append}, on_gap=self._gap)
        self._task = asyncio.ensure_future(self.peers.listen())

    def _gap(self) -> None:
        self.gaps += 1

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.peers.aclose()


async def until(is_reached) -> None:
    async with asyncio.timeout(30):
        while not is_reached():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)


@pytest.fixture
async def network(settings, monkeypatch) -> AsyncIterator[Network]:
    monkeypatch.setattr(peers, "RECONNECT_SECONDS", 0.05)
    async with Network() as network:
        settings.REDIS_URL = network.url
        yield network


@pytest.fixture
async def two(network) -> AsyncIterator[tuple[Process, Process]]:
    here, there = Process(), Process()
    await until(lambda: here.gaps and there.gaps)
    yield here, there
    await here.close()
    await there.close()


@pytest.mark.redis
async def test_the_others_hear_it_and_who_said_it_does_not(two):
    here, there = two

    assert await here.peers.publish(b"x", b"from here")
    await until(lambda: there.heard)
    assert await there.peers.publish(b"y", b"about something that nobody knows")
    assert await there.peers.publish(b"x", b"from there")
    await until(lambda: here.heard)

    assert (here.heard, there.heard) == ([b"from there"], [b"from here"])


@pytest.mark.redis
async def test_a_line_that_was_cut_says_so_once_it_stands_again(two, network):
    here, there = two
    network.cut()

    await until(lambda: here.gaps >= 2 and there.gaps >= 2)

    marker = secrets.token_bytes(4)
    await here.peers.publish(b"x", marker)
    await until(lambda: marker in there.heard)


@pytest.mark.redis
async def test_a_line_that_is_silent_is_made_anew(two, network, monkeypatch):
    """A machine that has gone never closes its connections."""
    monkeypatch.setattr(peers, "SILENCE_SECONDS", 0.5)
    here, _ = two
    network.is_silent = True
    made = network.connections

    await until(lambda: network.connections > made)

    network.is_silent = False
    await until(lambda: here.gaps >= 2)


@pytest.mark.redis
async def test_a_hearer_that_fails_does_not_end_the_listening(two):
    here, there = two
    there.peers._handlers = {b"x": lambda message: int(message)}
    await here.peers.publish(b"x", b"no number")

    await until(lambda: there.gaps >= 2)

    there.peers._handlers = {b"x": there.heard.append}
    await here.peers.publish(b"x", b"after it")
    await until(lambda: there.heard)


@pytest.mark.redis
async def test_a_process_without_redis_goes_on(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    alone = Process()

    assert not await alone.peers.publish(b"x", b"is there anybody?")

    await alone.close()


class Line:
    """A stand-in for :class:`Peers` that loses messages while it is down."""

    def __init__(self) -> None:
        self.is_up = True
        self.told: list[set[str]] = []

    async def publish(self, kind: bytes, message: bytes) -> bool:
        if self.is_up:
            self.told.append(set(message.decode().split("\n")))
        return self.is_up


async def test_wake_ups_that_did_not_leave_do_so_later():
    line = Line()
    outgoing = broadcast.Outgoing(line)  # type: ignore[arg-type]  # all that it needs of them
    line.is_up = False
    outgoing.add("a")
    assert not await outgoing.send()
    outgoing.add("b")
    line.is_up = True

    assert await outgoing.send() and await outgoing.send()

    assert line.told == [{"a", "b"}]


async def test_many_wake_ups_of_one_page_leave_as_one():
    line = Line()
    outgoing = broadcast.Outgoing(line)  # type: ignore[arg-type]  # all that it needs of them
    for _ in range(1000):
        outgoing.add("a")

    await outgoing.send()

    assert line.told == [{"a"}]


class Reader:
    def __init__(self) -> None:
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1


async def test_what_another_process_says_wakes_whom_it_is_about(monkeypatch):
    monkeypatch.setattr(broadcast, "_watchers", {})
    first, second = Reader(), Reader()
    broadcast.watch("one", first)
    broadcast.watch("two", second)

    broadcast.receive(b"two\nthree")

    assert (first.woken, second.woken) == (0, 1)


async def test_after_a_gap_every_reader_looks_once(monkeypatch):
    monkeypatch.setattr(broadcast, "_watchers", {})
    monkeypatch.setattr(broadcast, "WOKEN_PER_SECOND", 1000)
    readers = [Reader() for _ in range(20)]
    for place, reader in enumerate(readers):
        broadcast.watch(f"topic {place}", reader)

    broadcast.wake_all()
    await until(lambda: all(reader.woken for reader in readers))

    assert {reader.woken for reader in readers} == {1}
