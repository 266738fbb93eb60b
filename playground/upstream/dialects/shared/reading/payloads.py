"""Payloads that hold more, or less, than one JSON object."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from playground.upstream.dialects.shared.reading.decoding import DECODER

DONE = "[DONE]"
# Reading more parts of one payload would hold up the event loop for too long. The rest counts as one piece.
MAX_PARTS = 10_000
# Text between two objects of one line. “data:” is the beginning of an event whose line break is missing.
_BETWEEN = re.compile(r"(?:[\s,]|data:)*")


class Payloads(NamedTuple):
    """Objects and ends, each as a payload of its own, and the pieces that are neither."""

    values: list[bytes]
    unreadable: list[str]


def split_payload(data: bytes) -> Payloads:
    """Read a payload line by line, and each line object by object.

    >>> split_payload(b'{"a": 1}{"b": 2}')
    Payloads(values=[b'{"a": 1}', b'{"b": 2}'], unreadable=[])
    >>> split_payload(b'{"a": 1\\n[{"b": 2}]\\n[DONE]')
    Payloads(values=[b'{"b": 2}', b'[DONE]'], unreadable=['{"a": 1'])
    """
    found = Payloads([], [])
    text = data.decode("utf-8", "replace")
    # An object that goes on in the next line is not looked for: that would take quadratic time.
    for line in text.split("\n", MAX_PARTS):
        _split_line(line, found)
    if not found.values and found.unreadable:
        return Payloads([], [text])
    return found


def _split_line(line: str, found: Payloads) -> None:
    place = _after_gap(line, 0)
    while place < len(line):
        if line.startswith(DONE, place):
            found.values.append(DONE.encode())
            place = _after_gap(line, place + len(DONE))
            continue
        if len(found.values) >= MAX_PARTS:
            found.unreadable.append(line[place:])
            return
        try:
            value, end = DECODER.raw_decode(line, place)
        except (ValueError, RecursionError):
            found.unreadable.append(line[place:])
            return
        if isinstance(value, dict):
            found.values.append(line[place:end].encode("utf-8", "replace"))
        elif isinstance(value, list) and all(isinstance(item, dict) for item in value):
            found.values.extend([json.dumps(item).encode() for item in value[:MAX_PARTS]])
        elif value is not None:
            found.unreadable.append(line[place:end])
        place = _after_gap(line, end)


def _after_gap(line: str, place: int) -> int:
    gap = _BETWEEN.match(line, place)
    return gap.end() if gap else place
