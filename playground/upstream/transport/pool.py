"""The connection pool: httpx's transport over guarded connections."""

from __future__ import annotations

import asyncio
import ssl
from functools import cache
from typing import TYPE_CHECKING

import httpcore
import httpx

from playground.upstream.errors.exceptions import FailureKind, NotConnected
from playground.upstream.transport.addresses import AllowedNetwork
from playground.upstream.transport.bodies import body_of
from playground.upstream.transport.guard import GuardedBackend, Resolve, resolve
from playground.upstream.transport.wire_errors import WIRE_ERRORS, translated

if TYPE_CHECKING:
    from types import TracebackType

# Idle connections are kept as long as most load balancers keep theirs.
KEEPALIVE_SECONDS = 60
MAX_IDLE_CONNECTIONS = 20


class GuardedTransport(httpx.AsyncBaseTransport):
    """HTTP/1.1 over guarded connections. Network and protocol errors become ``UpstreamError``.

    HTTP/2 is not used, because a stalled connection would stall every stream that shares it. The
    pool has no limit of its own: httpcore 1.0 loses the slots of requests that are cancelled
    while they wait for one (encode/httpcore 1093); the client keeps a semaphore instead.
    """

    def __init__(self, allowed: tuple[AllowedNetwork, ...] = (), *, resolve: Resolve = resolve) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_ssl_context(),
            max_connections=None,
            max_keepalive_connections=MAX_IDLE_CONNECTIONS,
            keepalive_expiry=KEEPALIVE_SECONDS,
            network_backend=GuardedBackend(allowed, resolve=resolve),
        )

    @property
    def busy_connections(self) -> int:
        """The number of connections that serve a request; idle ones do not count."""
        return sum(not connection.is_idle() for connection in self._pool.connections)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        try:
            response = await self._pool.handle_async_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        except asyncio.CancelledError:
            await self._drop_abandoned()
            raise
        except WIRE_ERRORS as error:
            raise translated(error, host) from error
        except httpcore.UnsupportedProtocol as error:
            raise NotConnected(
                FailureKind.BAD_ADDRESS, "The provider's address must begin with https:// or http://."
            ) from error
        return httpx.Response(response.status, headers=response.headers, stream=body_of(response, host))

    async def _drop_abandoned(self) -> None:
        """Close connections that serve no request and yet are not idle.

        In httpcore 1.0, a request that is cancelled after it has connected and before its first byte
        is sent leaves such a connection: never used again, never closed, its socket open. There is no
        public way to find it; a test that cancels at every step covers these two private attributes.
        """
        served = {request.connection for request in self._pool._requests}
        for connection in self._pool.connections:
            if connection in served or connection.is_idle() or connection.is_closed():
                continue
            self._pool._connections.remove(connection)
            await connection.aclose()

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose()


@cache
def _ssl_context() -> ssl.SSLContext:
    """Return a context with httpx's authorities and those that the machine's administrator added."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context
