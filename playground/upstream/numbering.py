"""The numbers of events, after which a broken stream can be continued, and the reading of such a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from playground.upstream.events import Reached

if TYPE_CHECKING:
    from playground.upstream.sse import ServerSentEvent

_LAST = frozenset(
    {"error", *(f"response.{end}" for end in ("completed", "incomplete", "failed", "cancelled"))}
)


class _Numbered(msgspec.Struct):
    sequence_number: int
    type: str = ""


_decode = msgspec.json.Decoder(_Numbered).decode


def numbers_of(found: list[ServerSentEvent]) -> Reached | None:
    """Return the numbers of the first and the last event; None if the upstream does not number them."""
    first, last = (_numbered(event) for event in (found[0], found[-1])) if found else (None, None)
    if first is None or last is None or first.sequence_number < 0:
        return None
    return Reached(first.sequence_number, last.sequence_number)


def pieces_of(found: list[ServerSentEvent]) -> tuple[list[ServerSentEvent], bool]:
    """Return the events that bring a piece of something, and whether the last event of all came.

    All others hold a whole part or item, of which the stream may have had pieces before it broke.
    """
    types = [(event, numbered.type if (numbered := _numbered(event)) else "") for event in found]
    return (
        [event for event, kind in types if kind.endswith(".delta")],
        any(kind in _LAST for _, kind in types),
    )


def _numbered(event: ServerSentEvent) -> _Numbered | None:
    try:
        return _decode(event.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
