"""The recording of one try of a run: the request as sent, and the answer byte by byte.

The client fills it in while it works. No part of it holds a key.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playground.upstream.errors import redaction
from playground.upstream.recording.raw_stream import RawStream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.upstream.errors.exceptions import UpstreamError

Headers = list[tuple[str, str]]

# Providers send far less.
MAX_HEADERS = 100
MAX_HEADER_CHARACTERS = 2_000
_COOKIES = frozenset({"cookie", "set-cookie", "set-cookie2"})
_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "x-api-key", "api-key"})
# The last four characters would be too large a part of a shorter key.
_SHOW_LAST4_FROM = 16


class Ending(StrEnum):
    """How the reading of an answer ended."""

    # The regular end of HTTP, or of the dialect.
    READ = "read"
    # The connection, a time limit or a size limit ended it; ``error`` says which.
    BROKEN = "broken"
    # This side closed the connection: the run was stopped.
    LEFT = "left"


class Recording:
    """A recording that the streaming task owns, and after its end the code that stores it."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._secret = ""
        self.sent_at: datetime | None = None
        self.method = ""
        self.url = ""
        self.request_headers: Headers = []
        self.body = b""
        # None if no answer came.
        self.status: int | None = None
        self.response_headers: Headers = []
        self.head_ms: int | None = None
        self.duration_ms = 0
        self.raw = RawStream(max_bytes)
        # Whether the body was read to its end.
        self.is_complete = False
        self.ending = Ending.LEFT
        self.error: UpstreamError | None = None

    @property
    def body_digest(self) -> str:
        return sha256(self.body).hexdigest()

    def note_request(
        self, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes, *, secret: str
    ) -> None:
        """Record the request before it is sent."""
        self._secret = secret
        self.method, self.url, self.body = method, redaction.without_keys(_without_user(url), secret), body
        self.request_headers = _bounded((name, self._hidden(name, value)) for name, value in headers)
        self.sent_at = datetime.now(UTC)
        self.raw = RawStream(self._max_bytes, secret=secret)

    def note_answer(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        self.head_ms = self.raw.elapsed_ms
        self.status = status
        self.raw.masks_any_key = not 200 <= status < 300
        self.response_headers = _bounded(
            (name, redaction.without_keys(value, self._secret)) for name, value in headers
        )

    def note_end(self, error: UpstreamError | None = None) -> None:
        """Record the regular end of the answer, or the error that ended it."""
        self.ending = Ending.READ if error is None else Ending.BROKEN
        self.error = error and redaction.without_secret(error, self._secret)

    def close(self) -> None:
        """Record the duration; nothing more will come."""
        if self.sent_at is not None:
            self.duration_ms = self.raw.elapsed_ms

    def _hidden(self, name: str, value: str) -> str:
        """Reduce a credential to its last four characters."""
        if name.lower() not in _CREDENTIALS:
            return redaction.without_keys(value, self._secret)
        scheme, _, secret = value.rpartition(" ")
        last4 = secret[-4:] if len(secret) >= _SHOW_LAST4_FROM and scheme in ("Bearer", "") else ""
        return f"{scheme} …{last4}".lstrip()


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _bounded(headers: Iterable[tuple[str, str]]) -> Headers:
    return [(name, value[:MAX_HEADER_CHARACTERS]) for name, value in headers if name.lower() not in _COOKIES][
        :MAX_HEADERS
    ]
