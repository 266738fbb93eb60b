"""The search for a server's API at an address that somebody entered.

An address without a version is tried as it is and with ``/v1``. All requests go through the guarded
connections, and one time limit covers them. The function blocks: call it in a thread without an event loop.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from playground.upstream.base_urls import LONGEST, places_of_api
from playground.upstream.errors.exceptions import (
    AnsweredWithError,
    FailureKind,
    TookTooLong,
    UpstreamError,
)
from playground.upstream.model_lists import decode_list
from playground.upstream.transport.client import UpstreamClient
from playground.upstream.transport.requests import Clocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.upstream.transport.addresses import AllowedNetwork
    from playground.upstream.transport.requests import Fetched

CLOCKS = Clocks(connect=5, first_token=8, total=10)
# The limit for both addresses together, in seconds.
TOTAL = 12.0
_NO_ANSWER = frozenset(
    {
        FailureKind.CONNECT, FailureKind.BAD_ADDRESS, FailureKind.DNS, FailureKind.TLS,
        FailureKind.REFUSED_ADDRESS, FailureKind.TIMEOUT_CONNECT, FailureKind.TIMEOUT_FIRST_TOKEN,
        FailureKind.TIMEOUT_TOTAL,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A base URL at which models are listed, and the list: an object whose ``data`` is a list.

    ``listed`` is empty if nobody has asked the server.
    """

    base_url: str
    listed: dict[str, Any] = field(default_factory=dict)

    @property
    def is_listed(self) -> bool:
        return bool(self.listed)


class SentElsewhere(AnsweredWithError):
    """A redirect to an address of the web, which is not followed."""

    def __init__(self, target: str, status: int) -> None:
        self.target = target
        super().__init__(
            FailureKind.REDIRECTED, f"The server redirects to {target}. Enter that address.", status=status
        )


def find_server(
    base_url: str,
    secret: Callable[[], str] | None = None,
    *,
    allowed_private: tuple[AllowedNetwork, ...] = (),
    clocks: Clocks = CLOCKS,
    seconds: float = TOTAL,
) -> FoundServer:
    """Return where the server lists its models; raise the ``UpstreamError`` that says most about why not."""
    return asyncio.run(_within(seconds, _search(base_url, secret, allowed_private, clocks)))


async def _within(seconds: float, search: Any) -> FoundServer:
    try:
        async with asyncio.timeout(seconds):
            found: FoundServer = await search
            return found
    except TimeoutError as error:
        raise TookTooLong(
            FailureKind.TIMEOUT_TOTAL, f"The server did not list its models within {seconds:g} s."
        ) from error


async def _search(
    base_url: str,
    secret: Callable[[], str] | None,
    allowed_private: tuple[AllowedNetwork, ...],
    clocks: Clocks,
) -> FoundServer:
    client = UpstreamClient(1)
    errors: list[UpstreamError] = []
    try:
        for place in places_of_api(base_url):
            url = f"{place}/models"
            try:
                fetched = await client.fetch(
                    url, secret=secret, allowed_private=allowed_private, clocks=clocks
                )
                return FoundServer(place, _list_in(fetched, url))
            except UpstreamError as error:
                if error.kind in _NO_ANSWER:
                    # The other address is at the same host and port.
                    raise
                errors.append(error)
    finally:
        await client.aclose()
    raise min(errors, key=_says_little)


def _list_in(fetched: Fetched, url: str) -> dict[str, Any]:
    if fetched.is_redirect and (target := _target(url, fetched.headers.get("location", ""))):
        raise SentElsewhere(target, fetched.status)
    fetched.raise_for_status()
    listed = decode_list(fetched.body)
    if listed is None:
        raise AnsweredWithError(FailureKind.MALFORMED, "The server answers, but not with a list of models.")
    return listed


def _target(url: str, location: str) -> str:
    """Return the address of the web that a redirect leads to; empty if there is none."""
    # httpx has refused what is no URL. A query may hold secrets, and no base URL has one.
    target = re.split("[?#]", urljoin(url, location), maxsplit=1)[0]
    is_usable = len(target) <= LONGEST and target.isprintable() and target != url
    return target if is_usable and urlsplit(target).scheme in ("http", "https") else ""


def _says_little(error: UpstreamError) -> int:
    """Return the rank of an error; that with the lowest one says most about the server."""
    if error.kind is FailureKind.UNAUTHORISED:
        return 0
    return 2 if error.kind in (FailureKind.NOT_FOUND, FailureKind.MALFORMED) else 1
