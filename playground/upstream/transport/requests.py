"""The request and the time limits of one call, and the result of a plain GET."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from playground.upstream.errors import failures
from playground.upstream.reading import MAX_ERROR_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playground.upstream.transport.addresses import AllowedNetwork

# Headers of every call.
STANDING_HEADERS = {
    "User-Agent": "chat-playground",
    "Accept": "text/event-stream, application/json",
    "Accept-Encoding": "identity",
}


@dataclass(frozen=True, slots=True)
class Clocks:
    """Time limits in seconds. Only data resets them; comments and empty pieces do not."""

    # Resolving the name, connecting and the TLS handshake.
    connect: float = 10
    # The time until the first text, reasoning or tool call.
    first_token: float = 120
    # The time between two pieces of data after that.
    idle: float = 60
    # The time until the end of the answer.
    total: float = 1_800
    # The time for figures after the finish, and for the end of the body.
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
    # Headers in addition to those that every request has.
    headers: Mapping[str, str] = field(default_factory=dict)
    clocks: Clocks = Clocks()
    allowed_private: tuple[AllowedNetwork, ...] = ()
    method: str = "POST"
    # The path below ``base_url``, if it is another than the endpoint: a background answer has its own.
    path: str = ""
    # The events say how far the stream has come: see ``playground.upstream.events.Reached``.
    is_numbered: bool = False
    # The answer goes on after an event that came before: see ``playground.upstream.numbering``.
    is_continued: bool = False

    @property
    def url(self) -> str:
        return f"{self.base_url.rstrip('/')}/{self.path or self.endpoint}"

    @property
    def open_headers(self) -> dict[str, str]:
        """The headers of the call that are no secret and do not depend on the connection."""
        return {**STANDING_HEADERS, "Content-Type": "application/json", **self.headers}

    @property
    def content(self) -> bytes | None:
        if self.method == "GET":
            return None
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)


@dataclass(frozen=True, slots=True)
class Fetched:
    """The result of a GET with any status. ``headers`` ignores case."""

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
