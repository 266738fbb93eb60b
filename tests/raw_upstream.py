"""An upstream on a real socket that sends exactly the bytes that a test tells it to, when it tells it.

HTTP by hand, because what has to be tested is what no HTTP server would do.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from playground.upstream.events import Event, Failed, TextDelta, decode_events, encode_events
from playground.upstream.transport.addresses import AllowedNetwork, parse_allowed
from playground.upstream.transport.client import Clocks, StreamRequest, UpstreamClient
from tests import spending

Script = Callable[["Visit"], Awaitable[None]]

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    """Return a whole answer with its length in the header."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


def delta(text: str, finish: str | None = None) -> bytes:
    """Return a chunk of a chat completion as a server-sent event."""
    reason = f'"{finish}"' if finish else "null"
    return f'data: {{"choices":[{{"delta":{{"content":"{text}"}},"finish_reason":{reason}}}]}}\n\n'.encode()


DONE = b"data: [DONE]\n\n"


@dataclass
class Visit:
    """A request on its connection, with the ways to answer it."""

    head: bytes
    body: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        pairs = (line.partition(":") for line in lines if line)
        return {name.lower(): value.strip() for name, _, value in pairs}

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Close so that the other side gets a reset, not an end of file."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()

    async def until_gone(self) -> None:
        """Wait until the other side hangs up."""
        with suppress(ConnectionError):
            while await self.reader.read(65536):
                pass


class RawUpstream:
    """A server that plays one script for every request and keeps its open connections."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.visits: list[Visit] = []
        self.connections = 0
        self.most_connections = 0
        self._visited = asyncio.Condition()
        self.all_gone = asyncio.Event()
        self.all_gone.set()
        self.port = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def allowed(self) -> tuple[AllowedNetwork, ...]:
        return (parse_allowed(f"127.0.0.1:{self.port}"),)

    async def until_visits(self, count: int) -> None:
        """Wait until this many requests have arrived."""
        async with self._visited:
            await self._visited.wait_for(lambda: len(self.visits) >= count)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.most_connections = max(self.most_connections, self.connections)
        self.all_gone.clear()
        try:
            while await self._visit(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self.connections -= 1
            if not self.connections:
                self.all_gone.set()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        visit = Visit(head, b"", reader, writer)
        visit.body = await reader.readexactly(int(visit.headers.get("content-length", 0)))
        method, path = head.decode("latin-1").split(" ", 2)[:2]
        spending.note(method, path, visit.headers, visit.body)
        async with self._visited:
            self.visits.append(visit)
            self._visited.notify_all()
        await self.script(visit)
        return not writer.is_closing()


@asynccontextmanager
async def raw_upstream(script: Script | bytes) -> AsyncIterator[RawUpstream]:
    """Serve a script. Bytes are a script that sends them and keeps the connection."""
    if isinstance(script, bytes):
        data = script

        async def send(visit: Visit) -> None:
            await visit.send(data)

        upstream = RawUpstream(send)
    else:
        upstream = RawUpstream(script)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await upstream.serve(reader, writer)
        tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1000)
    upstream.port = server.sockets[0].getsockname()[1]
    try:
        yield upstream
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


# --- the client's side ---

SECRET = "sk-test-0123456789abcdef"
WHOLE = STREAM + chunked(delta("Hel"), delta("lo", "stop"), DONE) + END
# No test takes this long, so the time-out never ends one.
NEVER = 60.0


@asynccontextmanager
async def opened_client(max_streams: int = 5, **options: Any) -> AsyncIterator[UpstreamClient]:
    client = UpstreamClient(max_streams, **options)
    try:
        yield client
    finally:
        await client.aclose()


def request_to(upstream: RawUpstream, **fields: Any) -> StreamRequest:
    defaults: dict[str, Any] = {
        "base_url": upstream.base_url,
        "endpoint": "chat/completions",
        "body": {"model": "m", "messages": [], "stream": True},
        "secret": lambda: SECRET,
        "client_request_id": "run-1",
        "clocks": Clocks(NEVER, NEVER, NEVER, NEVER),
        "allowed_private": upstream.allowed,
    }
    return StreamRequest(**{**defaults, **fields})


async def gather(client: UpstreamClient, request: StreamRequest) -> list[Event]:
    """Return all events, written and read as the log does."""
    events: list[Event] = []
    async for batch in client.stream(request):
        assert batch, "a batch is never empty"
        events += decode_events(encode_events(batch))
    return events


async def play(script: Script | bytes, **fields: Any) -> list[Event]:
    async with raw_upstream(script) as upstream, opened_client() as client:
        return await gather(client, request_to(upstream, **fields))


async def failure_of(script: Script | bytes, **fields: Any) -> Failed:
    return failure(await play(script, **fields))


def failure(events: list[Event]) -> Failed:
    """Return the failure that an answer ended with."""
    assert isinstance(events[-1], Failed)
    return events[-1]


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def silence(visit: Visit) -> None:
    await visit.until_gone()


async def headers_and_silence(visit: Visit) -> None:
    await visit.send(STREAM)
    await visit.until_gone()


async def a_word_and_silence(visit: Visit) -> None:
    await visit.send(STREAM + chunked(delta("a")))
    await visit.until_gone()
