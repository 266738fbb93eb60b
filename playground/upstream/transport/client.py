"""Calls to upstreams over HTTP."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import httpx

from playground.upstream.dialects.registry import dialect_of
from playground.upstream.dialects.shared.reading.decoding import decode_object
from playground.upstream.errors import failures, redaction
from playground.upstream.errors.exceptions import (
    AnsweredWithError,
    FailureKind,
    NotConnected,
    UpstreamError,
)
from playground.upstream.events import Event, Failed
from playground.upstream.reading import MAX_ANSWER_BYTES, MAX_ERROR_BYTES, AnswerReader
from playground.upstream.transport.pool import GuardedTransport
from playground.upstream.transport.requests import STANDING_HEADERS, Clocks, Fetched, StreamRequest
from playground.upstream.transport.responses import read_events, read_whole
from playground.upstream.transport.watch import Watch

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from playground.upstream.recording.recorder import Recording
    from playground.upstream.transport.addresses import AllowedNetwork

__all__ = ["Clocks", "StreamRequest", "UpstreamClient"]

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
DOCUMENT_CLOCKS = Clocks(first_token=20, total=60)


class UpstreamClient:
    """The HTTP client of one event loop. At most ``max_streams`` streams are open; more wait in a queue."""

    def __init__(
        self,
        max_streams: int,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        self._slots = asyncio.Semaphore(max_streams)
        self._transport = transport
        self._max_answer_bytes = max_answer_bytes
        # A connection must never serve a request that was not allowed to open it, so there is
        # a pool for each set of permissions: one or two in practice.
        self._transports: dict[tuple[AllowedNetwork, ...], httpx.AsyncBaseTransport] = {}

    async def stream(
        self, request: StreamRequest, recording: Recording | None = None
    ) -> AsyncGenerator[list[Event]]:
        """Yield the events of each network read. Any failure upstream becomes a last ``Failed``.

        Closing the generator or cancelling its task closes the connection. ``recording`` receives
        the bytes of the request and of the answer.
        """
        async with self._slots:
            watch = Watch(request.clocks)
            try:
                async with aclosing(self._exchange(request, watch, recording)) as batches:
                    async for batch in batches:
                        if batch:
                            yield batch
            except UpstreamError as error:
                if recording:
                    recording.note_end(error)
                yield [Failed.from_error(error)]
            finally:
                watch.stop()
                if recording:
                    recording.close()

    async def fetch_json(
        self,
        url: str,
        *,
        secret: Callable[[], str] | None = None,
        allowed_private: tuple[AllowedNetwork, ...] = (),
        clocks: Clocks = DOCUMENT_CLOCKS,
        method: str = "GET",
        content: bytes | None = None,
    ) -> dict[str, Any]:
        """Ask for a JSON object, and send the JSON ``content`` if there is one; raise ``UpstreamError``."""
        key = _opened(secret)
        try:
            return _document(
                await self._fetch(url, key, allowed_private, clocks, method=method, content=content)
            )
        except UpstreamError as error:
            raise redaction.without_secret(error, key) from None

    async def fetch(
        self,
        url: str,
        *,
        secret: Callable[[], str] | None = None,
        allowed_private: tuple[AllowedNetwork, ...] = (),
        clocks: Clocks = DOCUMENT_CLOCKS,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_DOCUMENT_BYTES,
    ) -> Fetched:
        """GET a document, without following redirects; raise ``UpstreamError`` unless all of it came."""
        key = _opened(secret)
        try:
            return await self._fetch(url, key, allowed_private, clocks, headers, max_bytes)
        except UpstreamError as error:
            raise redaction.without_secret(error, key) from None

    async def _fetch(
        self,
        url: str,
        key: str,
        allowed_private: tuple[AllowedNetwork, ...],
        clocks: Clocks,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_DOCUMENT_BYTES,
        *,
        method: str = "GET",
        content: bytes | None = None,
    ) -> Fetched:
        watch = Watch(clocks)
        try:
            request = self._build(method, url, key, allowed_private, clocks, content)
            request.headers.update(headers or {})
            async with aclosing(await self._send(request, allowed_private, watch)) as response:
                body = await watch.wait(read_whole(response, max_bytes))
            return Fetched(response.status_code, response.headers, body)
        finally:
            watch.stop()

    async def aclose(self) -> None:
        for transport in self._transports.values():
            await transport.aclose()
        self._transports.clear()

    async def _exchange(
        self, request: StreamRequest, watch: Watch, recording: Recording | None
    ) -> AsyncGenerator[list[Event]]:
        dialect_of(request.endpoint)
        secret = _opened(request.secret)
        try:
            call = self._build(
                request.method, request.url, secret, request.allowed_private, request.clocks, request.content
            )
            call.headers.update(request.headers)
            if request.client_request_id:
                call.headers["X-Client-Request-Id"] = request.client_request_id
            if recording:
                recording.note_request(
                    call.method, str(call.url), _as_sent(call.headers), call.content, secret=secret
                )
            async with aclosing(await self._send(call, request.allowed_private, watch)) as response:
                if recording:
                    recording.note_answer(response.status_code, _as_sent(response.headers))
                reader = AnswerReader(
                    request.endpoint,
                    response.status_code,
                    response.headers,
                    max_bytes=self._max_answer_bytes,
                    redact=partial(redaction.without_keys, secret=secret),
                    is_numbered=request.is_numbered,
                    is_continued=request.is_continued,
                )
                async with aclosing(read_events(response, reader, watch, recording)) as batches:
                    async for batch in batches:
                        yield batch
        except UpstreamError as error:
            raise redaction.without_secret(error, secret) from None

    async def _send(
        self, request: httpx.Request, allowed_private: tuple[AllowedNetwork, ...], watch: Watch
    ) -> httpx.Response:
        try:
            # A client of httpx would add redirects and cookies, which nothing here needs.
            return await watch.wait(self._transport_for(allowed_private).handle_async_request(request))
        except httpx.HTTPError as error:
            # The product's transport raises UpstreamError; another one raises httpx's errors.
            raise NotConnected(
                FailureKind.CONNECT, "The provider could not be reached.", detail=str(error)
            ) from error

    def _build(
        self,
        method: str,
        url: str,
        secret: str,
        allowed_private: tuple[AllowedNetwork, ...],
        clocks: Clocks,
        content: bytes | None = None,
    ) -> httpx.Request:
        headers = {"Connection": "keep-alive", **STANDING_HEADERS}
        if content is not None:
            headers["Content-Type"] = "application/json"
        if secret:
            headers["Authorization"] = f"Bearer {secret}"
        # Only connecting is timed by httpx: its read timeout would be reset by comments.
        timeout = {"connect": clocks.connect, "read": None, "write": None, "pool": None}
        try:
            return httpx.Request(
                method, _parsed(url), headers=headers, content=content, extensions={"timeout": timeout}
            )
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise NotConnected(
                FailureKind.BAD_ADDRESS, "The provider's address is not a valid one.", detail=str(error)
            ) from error

    def _transport_for(self, allowed: tuple[AllowedNetwork, ...]) -> httpx.AsyncBaseTransport:
        transport = self._transports.get(allowed)
        if transport is None:
            transport = self._transports[allowed] = self._transport or GuardedTransport(allowed)
        return transport


@lru_cache(maxsize=256)
def _parsed(url: str) -> httpx.URL:
    """Return the parts of an address. Requests share it: it cannot change."""
    return httpx.URL(url)


def _as_sent(headers: httpx.Headers) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw]


def _document(fetched: Fetched) -> dict[str, Any]:
    fetched.raise_for_status()
    found = decode_object(fetched.body)
    if found is None:
        text = fetched.body[:MAX_ERROR_BYTES].decode("utf-8", "replace").strip()
        raise failures.not_understood(text or None, status=fetched.status)
    return found


def _opened(secret: Callable[[], str] | None) -> str:
    key = secret().strip() if secret else ""
    if not (key.isascii() and (not key or key.isprintable())):
        # In a header it would raise an error that quotes the key.
        raise AnsweredWithError(
            FailureKind.UNAUTHORISED, "The stored API key has invalid characters. Add it again."
        )
    return key
