"""The protection against requests to private networks (SSRF): connections go to checked addresses only.

A check of the URL alone is not enough: the owner of a name decides what it resolves to, and can change it a
moment later. So the name is resolved once, here, and the socket is opened to the address that was checked.
TLS still verifies the name.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import httpcore

from playground.upstream.errors.exceptions import (
    AddressRefused,
    FailureKind,
    NotConnected,
)
from playground.upstream.transport.addresses import AllowedNetwork, is_permitted
from playground.upstream.transport.sockets import SocketBackend
from playground.upstream.transport.wire import HeadFirstStream

if TYPE_CHECKING:
    pass

Resolve = Callable[[str, int], Awaitable[list[str]]]


# Each lookup blocks a thread. The threads are separate, so that a dead name server holds up nothing else.
_lookups = ThreadPoolExecutor(max_workers=8, thread_name_prefix="upstream-dns")


async def resolve(host: str, port: int) -> list[str]:
    """Return the numeric addresses of a name, in the order in which to try them."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.run_in_executor(_lookups, _getaddrinfo, host, port)
    except (OSError, UnicodeError, ValueError) as error:
        raise NotConnected(
            FailureKind.DNS, f"The provider's address {host} could not be found.", detail=str(error)
        ) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _getaddrinfo(host: str, port: int) -> list[Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """A network backend that connects to permitted addresses; ``allowed`` are the private ones among them."""

    def __init__(
        self,
        allowed: tuple[AllowedNetwork, ...] = (),
        *,
        resolve: Resolve = resolve,
        inner: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._inner = inner or SocketBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class says so
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        deadline = None if timeout is None else loop.time() + timeout
        try:
            async with asyncio.timeout_at(deadline):
                found = await self._resolve(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"{host} was not found in time") from error
        permitted = [address for address in found if is_permitted(address, port, self._allowed)]
        if not permitted:
            raise AddressRefused(
                host, detail=f"{host} is {', '.join(found) or 'nowhere'}", addresses=tuple(found)
            )
        for left in range(len(permitted), 0, -1):
            # An address that never answers must leave time for the next.
            share = None if deadline is None else max(0.0, deadline - loop.time()) / left
            try:
                stream = await self._inner.connect_tcp(
                    permitted[-left], port, share, local_address, socket_options
                )
                return cast("httpcore.AsyncNetworkStream", HeadFirstStream(stream))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if left == 1:
                    raise
        raise AssertionError("unreachable")

    async def connect_unix_socket(
        self, path: str, *args: object, **kwargs: object
    ) -> httpcore.AsyncNetworkStream:
        raise AddressRefused(path)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)
