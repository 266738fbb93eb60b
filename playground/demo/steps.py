"""The steps that a connection can perform. An answer is a lazy iterable of steps.

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
    """The status and headers. A body without a content length is sent in chunks."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes of the body. Tokens are counted and paced, and gates stop after them."""

    data: bytes
    is_token: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds of silence, independent of the server's speed."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """The tokens per second of the following writes; 0 is no pace."""

    tokens_per_second: float


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes written to the connection directly, bypassing the HTTP layer."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection closes in the middle of the body; written bytes still arrive."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset."""


@dataclass(frozen=True, slots=True)
class Meet:
    """A pause until so many streams have reached the place with that name."""

    place: str
    streams: int


@dataclass(frozen=True, slots=True)
class Hang:
    """Silence until the client leaves."""


Step = Head | Write | Wait | Pace | Raw | Cut | Reset | Meet | Hang
Steps = Iterator[Step]

EVENT_STREAM = ("content-type", "text/event-stream; charset=utf-8")


def whole(status: int, body: bytes, *headers: tuple[str, str]) -> Steps:
    """Send a response of known length."""
    yield Head(status, (("content-length", str(len(body))), *headers))
    yield Write(body)


def json_response(status: int, value: Any, *headers: tuple[str, str]) -> Steps:
    body = msgspec.json.encode(value)
    return whole(status, body, ("content-type", "application/json; charset=utf-8"), *headers)


def event(value: Any, *, is_token: bool = False) -> Write:
    """Make a server-sent event with a JSON payload."""
    return Write(b"data: " + msgspec.json.encode(value) + b"\n\n", is_token)


def named_event(name: str, value: dict[str, Any], *, is_token: bool = False) -> Write:
    """Make an event with its type in two places: its name and the payload's ``type``."""
    data = msgspec.json.encode({"type": name, **value})
    return Write(b"event: " + name.encode() + b"\ndata: " + data + b"\n\n", is_token)


DONE = Write(b"data: [DONE]\n\n")
