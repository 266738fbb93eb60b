"""What a connection can be told to do. An answer is an iterable of these, produced lazily.

Lazily means that a step is made when its turn has come: a generator that reads the clock
between two steps reads the time at which the second one is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers. Without a content length the body is sent in chunks."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes of the body. Tokens are counted, paced, and where gates hold."""

    data: bytes
    is_token: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """So many seconds of silence, whatever the server's speed."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """From here on so many tokens a second."""

    tokens_per_second: float


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes past the HTTP layer, straight into the connection."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """Close the connection in the middle of the body; all that was written arrives."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Break the connection off: the other side gets a reset."""


@dataclass(frozen=True, slots=True)
class Meet:
    """Wait until so many streams have come to the place of that name, then go on together."""

    place: str
    streams: int


@dataclass(frozen=True, slots=True)
class Hang:
    """Say nothing more until the client leaves."""


Step = Head | Write | Wait | Pace | Raw | Cut | Reset | Meet | Hang
Steps = Iterator[Step]

EVENT_STREAM = ("content-type", "text/event-stream; charset=utf-8")


def whole(status: int, body: bytes, *headers: tuple[str, str]) -> Steps:
    """A response whose length is known."""
    yield Head(status, (("content-length", str(len(body))), *headers))
    yield Write(body)


def json_response(status: int, value: Any, *headers: tuple[str, str]) -> Steps:
    body = msgspec.json.encode(value)
    return whole(status, body, ("content-type", "application/json; charset=utf-8"), *headers)


def event(value: Any, *, is_token: bool = False) -> Write:
    """One server-sent event with a JSON payload."""
    return Write(b"data: " + msgspec.json.encode(value) + b"\n\n", is_token)


def named_event(name: str, value: dict[str, Any], *, is_token: bool = False) -> Write:
    """One that says what it is twice, as its name and as the ``type`` of its payload."""
    data = msgspec.json.encode({"type": name, **value})
    return Write(b"event: " + name.encode() + b"\ndata: " + data + b"\n\n", is_token)


DONE = Write(b"data: [DONE]\n\n")
