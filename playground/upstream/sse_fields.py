"""The fields of one server-sent event, and what servers of chat APIs put between them."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

# Each line becomes an object, many times its size if it is empty. Lines beyond this number stay joined.
MAX_EVENT_LINES = 20_000
# Beginnings of lines that are no field, but an error or an end without a frame around it.
_UNFRAMED = (b"{", b"[", b"<")

_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


@dataclass(slots=True)
class Fields:
    """The lines between two blank lines. ``errors`` and ``unframed`` lines are not in the standard."""

    data: list[bytes] = field(default_factory=list)
    # Values of llama.cpp's field "error".
    errors: list[bytes] = field(default_factory=list)
    # JSON or HTML without a field.
    unframed: list[bytes] = field(default_factory=list)
    event: str = ""
    last_event_id: str | None = None
    retry_ms: int | None = None


def read_fields(block: bytes) -> Fields:
    """
    >>> read_fields(b"event: a\\ndata: 1\\ndata: 2").data
    [b'1', b'2']
    """
    found = Fields()
    for line in block.split(b"\n", MAX_EVENT_LINES):
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            found.data.append(value)
        elif name == b"event":
            found.event = value.decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            found.last_event_id = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit():
            found.retry_ms = int(value[:12])
        elif name == b"error":
            found.errors.append(value)
        elif found.unframed or line.startswith(_UNFRAMED):
            found.unframed.append(line)
    return found


def begins_with_object(block: bytearray) -> bool:
    """Return whether the first line of the block is data that is one whole JSON object."""
    name, _, value = bytes(block[: block.find(b"\n")]).partition(b":")
    try:
        _decode_object(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return name == b"data"
