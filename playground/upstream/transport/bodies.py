"""The bodies of answers, as httpx streams."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpcore
import httpx

from playground.upstream.transport.wire import END_OF_BODY, Dechunker, HeadFirstStream
from playground.upstream.transport.wire_errors import WIRE_ERRORS, cut, translated


def body_of(response: httpcore.Response, host: str) -> httpx.AsyncByteStream:
    stream = response.extensions.get("network_stream")
    encodings = [value.lower() for name, value in response.headers if name.lower() == b"transfer-encoding"]
    if isinstance(stream, HeadFirstStream) and stream.is_at_body and encodings == [b"chunked"]:
        return _ChunkedBody(response, host, stream)
    return _Body(response, host)


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response, host: str) -> None:
        self._response = response
        self._host = host

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._response.aiter_stream():
                yield piece
        except WIRE_ERRORS as error:
            raise translated(error, self._host) from error

    async def aclose(self) -> None:
        await self._response.aclose()


class _ChunkedBody(_Body):
    """A chunked body that is read without httpcore; see ``playground.upstream.transport.wire``."""

    def __init__(self, response: httpcore.Response, host: str, stream: HeadFirstStream) -> None:
        super().__init__(response, host)
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        dechunker = Dechunker()
        try:
            while not dechunker.is_over:
                data = await self._stream.read_body()
                if not data:
                    raise cut("the connection was closed within the body")
                if body := dechunker.feed(data):
                    yield body
                if dechunker.error is not None:
                    raise dechunker.error
            if dechunker.rest:
                # These bytes were not requested. They could forge the next answer on this connection.
                return
            self._stream.give_back(END_OF_BODY)
            async for _ in self._response.aiter_stream():
                pass
        except WIRE_ERRORS as error:
            raise translated(error, self._host) from error
