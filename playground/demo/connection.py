"""An HTTP/1.1 connection: it reads requests, performs steps, and notices when the client leaves."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress

import h11

from playground.demo.api import HttpRequest
from playground.demo.pacer import Pacer
from playground.demo.stage import RecordedRequest, Stage
from playground.demo.steps import (
    Cut,
    Hang,
    Head,
    Meet,
    Pace,
    Raw,
    Reset,
    Step,
    Steps,
    Wait,
    Write,
    json_response,
)

_READ = 1 << 16
_MOST_BODY = 16 << 20
_IDLE_SECONDS = 75.0
_DISCONNECTED = (ConnectionError, TimeoutError, h11.RemoteProtocolError)


class _Stop(Exception):
    """The end of the response and of the connection."""


class Connection:
    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        stage: Stage,
        respond: Callable[[HttpRequest], Steps],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._stage = stage
        self._respond = respond
        self._http = h11.Connection(h11.SERVER)
        self._unsent = bytearray()
        # The event is cleared while a response is sent.
        self.idle = asyncio.Event()
        self.idle.set()

    async def serve(self) -> None:
        """Answer requests until either side closes the connection."""
        try:
            while await self._serve_one():
                pass
        except _DISCONNECTED:
            pass
        finally:
            self._writer.close()
            with suppress(*_DISCONNECTED):
                await self._writer.wait_closed()

    async def _serve_one(self) -> bool:
        async with asyncio.timeout(_IDLE_SECONDS):
            request = await self._next_request()
        if request is None:
            return False
        self.idle.clear()
        recorded = self._stage.record(request)
        try:
            await self._perform(self._respond(request), recorded)
        except _Stop:
            return False
        finally:
            self.idle.set()
            recorded.ended.set()
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True

    # --- Reading ---------------------------------------------------------------------------

    async def _next_request(self) -> HttpRequest | None:
        """Read the next whole request; return None if the client closes, or sends too much."""
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                await self._continue_if_expected()
                self._http.receive_data(await self._reader.read(_READ))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > _MOST_BODY:
                    await self._too_large()
                    return None
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return _request(head, bytes(body))
            else:
                return None

    async def _continue_if_expected(self) -> None:
        if self._http.they_are_waiting_for_100_continue:
            await self._send(h11.InformationalResponse(status_code=100, headers=[]))

    async def _too_large(self) -> None:
        for step in json_response(413, {"message": "The body is too large", "statusCode": 413}):
            await self._step(step, RecordedRequest(HttpRequest("", "", {}, b"")))

    # --- Answering -------------------------------------------------------------------------

    async def _perform(self, steps: Steps, recorded: RecordedRequest) -> None:
        """Play the steps until they end or the client leaves."""
        playing = asyncio.create_task(self._play(steps, recorded))
        watching = asyncio.create_task(self._until_client_leaves())
        try:
            await asyncio.wait({playing, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not playing.done():
                recorded.disconnected_at = time.monotonic()
                raise _Stop
            await self._result(playing, recorded)
        finally:
            for task in (playing, watching):
                task.cancel()
            await asyncio.gather(playing, watching, return_exceptions=True)

    async def _result(self, playing: asyncio.Task[None], recorded: RecordedRequest) -> None:
        try:
            await playing
        except ConnectionError as problem:
            recorded.disconnected_at = time.monotonic()
            raise _Stop from problem
        recorded.is_complete = True

    async def _until_client_leaves(self) -> None:
        """Read until the client closes its side; keep pipelined requests for later."""
        received = 0
        with suppress(ConnectionError):
            while data := await self._reader.read(_READ):
                received += len(data)
                if received > _MOST_BODY:
                    return
                self._http.receive_data(data)

    async def _play(self, steps: Steps, recorded: RecordedRequest) -> None:
        pacer = Pacer(self._stage)
        await self._pass_gate(pacer, recorded)
        for step in steps:
            if isinstance(step, Pace):
                pacer.rate = step.tokens_per_second
                continue
            await self._step(step, recorded)
            if isinstance(step, Write) and step.is_token:
                recorded.tokens_written += 1
                await self._pass_gate(pacer, recorded)
                await pacer.token_sent(self._flush)
        await self._send(h11.EndOfMessage())

    async def _pass_gate(self, pacer: Pacer, recorded: RecordedRequest) -> None:
        gate = self._stage.gate
        if gate is not None and recorded.tokens_written == gate.tokens:
            await self._flush()
            await gate.pass_through()
            pacer.restart()

    async def _step(self, step: Step, recorded: RecordedRequest) -> None:  # noqa: C901 - one flat table of steps
        if not isinstance(step, Write):
            await self._flush()
        match step:
            case Head(status, headers):
                await self._send(h11.Response(status_code=status, headers=list(headers)))
            case Write(data, is_token):
                self._unsent += self._http.send(h11.Data(data=data)) or b""
                recorded.bytes_written += len(data)
                if not is_token:
                    await self._flush()
            case Raw(data):
                self._unsent += data
                await self._flush()
            case Wait(seconds):
                await asyncio.sleep(seconds)
            case Meet(place, streams):
                await self._stage.meet(place, streams)
            case Hang():
                await asyncio.Event().wait()
            case Reset():
                self._reset()
                raise _Stop
            case Cut():
                raise _Stop

    def _reset(self) -> None:
        """Close with a reset: with a linger time of zero, the kernel sends one."""
        connected = self._writer.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _send(self, event: h11.Event) -> None:
        self._unsent += self._http.send(event) or b""
        await self._flush()

    async def _flush(self) -> None:
        if self._unsent:
            self._writer.write(bytes(self._unsent))
            self._unsent.clear()
        await self._writer.drain()


def _request(head: h11.Request, body: bytes) -> HttpRequest:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
    path, _, query = head.target.decode("latin-1").partition("?")
    return HttpRequest(head.method.decode("ascii"), path, headers, body, query)
