"""What one call to an upstream needs, and what a plain one brings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from playground.upstream.errors import failures
from playground.upstream.reading import MAX_ERROR_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playground.upstream.transport.addresses import AllowedNetwork


@dataclass(frozen=True, slots=True)
class Clocks:
    """Seconds. Comments and empty pieces move none of these clocks; only data does."""

    # To find the address, to connect and to agree on TLS.
    connect: float = 10
    # From the request to the first text, reasoning or tool call.
    first_token: float = 120
    # From one piece of data to the next after that.
    idle: float = 60
    # From the request to the end.
    total: float = 1_800
    # For the figures that may follow the finish, and for the end of the connection.
    after_finish: float = 10


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """``base_url`` includes the version; ``endpoint`` is what follows it, e.g. ``chat/completions``.

    ``secret`` is called inside the HTTP call and nowhere else.
    """

    base_url: str
    endpoint: str
    body: bytes | dict[str, Any] = field(repr=False)
    secret: Callable[[], str] | None = field(default=None, repr=False)
    client_request_id: str = ""
    # Beside those that every request has.
    headers: Mapping[str, str] = field(default_factory=dict)
    clocks: Clocks = Clocks()
    allowed_private: tuple[AllowedNetwork, ...] = ()

    @property
    def url(self) -> str:
        return f"{self.base_url.rstrip('/')}/{self.endpoint}"

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a GET brought, whatever its status. Names of headers may be asked for in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_redirect(self) -> bool:
        return self.status in (301, 302, 303, 307, 308)

    def raise_for_status(self) -> None:
        """
        :raises UpstreamError: for all but success, a redirect included.
        """
        if not 200 <= self.status < 300:
            raise failures.read_error_body(
                self.status,
                self.body[:MAX_ERROR_BYTES],
                request_id=self.headers.get("x-inference-id", ""),
                retry_after=self.headers.get("retry-after", ""),
            )
