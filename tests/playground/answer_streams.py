"""Streams of chat completions that tests write piece by piece, and their reading in pieces of any size."""

from __future__ import annotations

import json
from typing import Any

from playground.upstream.answer import Answer
from playground.upstream.events import decode_events, encode_events
from playground.upstream.reading import AnswerReader

DONE = b"data: [DONE]\n\n"


def chunk(content: str | None = None, *, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    delta = {} if content is None else {"content": content}
    return {
        "id": "c",
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **fields,
    }


def choice(**fields: Any) -> dict[str, Any]:
    return {"id": "c", "model": "m", "choices": [{"index": 0, **fields}]}


def packed(*payloads: object) -> bytes:
    """Return the payloads as JSON, each ready for a line."""
    return b"".join(map(line, payloads))


def line(payload: object) -> bytes:
    return json.dumps(payload).encode()


def framed(*payloads: object) -> bytes:
    """Return the payloads as events; bytes are written as they are."""
    return b"".join(
        payload if isinstance(payload, bytes) else b"data: " + line(payload) + b"\n\n" for payload in payloads
    )


def read(data: bytes, *, size: int = 0, endpoint: str = "chat/completions", status: int = 200) -> Answer:
    """Read the answer in pieces of ``size`` bytes, or at once. Events go through the log's serialisation."""
    reader, answer = AnswerReader(endpoint, status, {}), Answer()
    size = size or len(data) or 1
    events = reader.begin()
    for start in range(0, len(data), size):
        if not reader.is_done:
            events += reader.feed(data[start : start + size])
    for event in decode_events(encode_events([*events, *reader.close()])):
        answer.apply(event)
    return answer


def read_all_ways(data: bytes, **how: Any) -> Answer:
    """Read the answer whole and in pieces of several sizes; the answers must be equal."""
    whole = read(data, **how)
    for size in (1, 2, 7, 64):
        assert read(data, size=size, **how) == whole, f"in pieces of {size}"
    return whole
