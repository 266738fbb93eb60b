"""The readers' side of a measurement: sockets that speak the frame protocol, and prompts that are sent."""

from __future__ import annotations

import asyncio
import json
import socket
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from bench.reader import Reader

CSRF = "b" * 32
_SENDS_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Person:
    session: str
    conversation: str

    def cookies(self) -> str:
        return f"sessionid={self.session}; csrftoken={CSRF}"


async def read_frames(connection: ClientConnection, reader: Reader) -> None:
    """Take and acknowledge frames until the answer is whole or the socket ends."""
    with suppress(ConnectionClosed):
        async for message in connection:
            frame = json.loads(message)
            reader.known = {"head": frame.get("head", ""), "cursors": frame.get("cursors", {})}
            reader.take(frame.get("html", ""))
            if frame.get("ack"):
                await connection.send(json.dumps({"type": "ack", "n": frame.get("n")}))
            if reader.is_done:
                return


@dataclass(slots=True)
class Watched:
    """A person with the page open and a prompt to send."""

    origin: str
    person: Person
    reader: Reader
    socket: ClientConnection
    reading: asyncio.Task[None]
    sent_at: float = 0.0

    @classmethod
    async def open(
        cls,
        origin: str,
        person: Person,
        reader: Reader,
        head: str = "",
        *,
        title: str = "",
        watched_at: str = "",
    ) -> Watched:
        """Open the page at ``origin``, with its socket at the server ``watched_at`` if that is given.

        :param title: the title that the page shows, if it is not the current one.
        """
        hello: dict[str, object] = {"head": head, "cursors": {}, **({"title": title} if title else {})}
        return await cls._connect(origin, person, reader, hello, watched_at or origin)

    async def reopen(self) -> Watched:
        """Open a new socket for the page, which continues after the last frame."""
        known = self.reader.known or {"head": "", "cursors": {}}
        return await self._connect(self.origin, self.person, self.reader, known, self.origin)

    def abort(self) -> None:
        """Lose the socket without a close frame, as a failing network does."""
        self.reading.cancel()
        self.socket.transport.abort()

    @classmethod
    async def _connect(
        cls, origin: str, person: Person, reader: Reader, hello: dict[str, object], at: str
    ) -> Watched:
        address = f"{at.replace('http', 'ws', 1)}/ws/c/{person.conversation}/"
        connection = await connect(
            address,
            origin=Origin(at),
            additional_headers={"Cookie": person.cookies()},
            compression=None,
            max_size=None,
        )
        await connection.send(json.dumps({"type": "hello", **hello}))
        reading = asyncio.create_task(read_frames(connection, reader))
        return cls(origin, person, reader, connection, reading)

    async def send(self, client: httpx.AsyncClient, endpoint: int) -> None:
        self.sent_at = time.monotonic()
        response = await client.post(
            f"{self.origin}/c/{self.person.conversation}/send/",
            data={"text": "Go.", "idempotency_key": str(uuid.uuid4()), "endpoint": str(endpoint)},
            headers={
                "Cookie": self.person.cookies(),
                "X-CSRFToken": CSRF,
                "Origin": self.origin,
                "HX-Request": "true",
            },
        )
        if response.status_code != 200:
            raise RuntimeError(f"Sending was answered with {response.status_code}: {response.text[:2000]}")

    async def finished(self, seconds: float) -> None:
        if self.reader.is_done:
            # The answer ended before the socket was cut, so nothing arrives on the new one.
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self.reading), seconds)

    async def close(self) -> None:
        self.reading.cancel()
        await self.socket.close()


async def silent_socket(origin: str, person: Person) -> socket.socket:
    """Open a page that asks for everything and then never reads, so that the kernel's buffer stays full."""
    host, _, port = origin.rpartition("://")[2].partition(":")
    plain = socket.create_connection((host, int(port)))
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    request = (
        f"GET /ws/c/{person.conversation}/ HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {origin}\r\n"
        f"Cookie: {person.cookies()}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await asyncio.to_thread(plain.sendall, request.encode())
    answer = await asyncio.to_thread(plain.recv, 4096)
    if b" 101 " not in answer:
        raise RuntimeError(f"The socket was refused: {answer[:200]!r}")
    hello = json.dumps({"type": "hello", "head": "", "cursors": {}}).encode()
    # A masked text frame (RFC 6455, 5.2) whose mask is all zeros.
    await asyncio.to_thread(plain.sendall, bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
    return plain


async def send_all(watched: list[Watched], endpoint: int) -> None:
    """Send every page's prompt, a few at a time as people would."""
    gate = asyncio.Semaphore(_SENDS_AT_ONCE)

    async def send(one: Watched) -> None:
        async with gate:
            await one.send(client, endpoint)

    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        await asyncio.gather(*(send(one) for one in watched))
