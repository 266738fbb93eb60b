"""Cost of checking an answer in JSON while it streams. Prints ``name value unit`` lines.

python -m bench.structured [--smoke] [--megabytes 1]

A live run takes an answer in events of four characters, as many for each frame as come in a twentieth of a
second at the relay's full speed, and renders the frames of one reader: without a format, and checked against
a schema. Both are the same text in the same run. At the end comes the check with the whole schema.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import uuid
from typing import Any

import django

from bench.figures import ratio, report

TOKEN = 4
# 100,000 tokens a second in 20 frames.
TOKENS_PER_FRAME = 5_000
REPEATS = 3
ITEM: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "name", "price", "tags"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "price": {"type": "number"},
        "kind": {"enum": ["part", "service"]},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["items"],
    "additionalProperties": False,
    "properties": {"items": {"type": "array", "items": {"$ref": "#/$defs/item"}}},
    "$defs": {"item": ITEM},
}


def answer(size: int) -> str:
    items = [
        {"id": place, "name": f"Kettle “{place}”", "price": place / 4, "kind": "part", "tags": ["warm", "\n"]}
        for place in range(size // 130)
    ]
    return json.dumps({"items": items}, ensure_ascii=False, indent=1)


def streamed(text: str, *, is_checked: bool) -> float:
    """Return the processor seconds of a live run with this text and one reader."""
    from chat.live.run import LiveRun
    from chat.sockets.cursors import Cursor
    from chat.sockets.frames import delta
    from chat.structured.asked import Format
    from playground.upstream.events import Event, TextDelta

    events: list[Event] = [TextDelta(text[start : start + TOKEN]) for start in range(0, len(text), TOKEN)]
    live, cursor = LiveRun(0, uuid.uuid4(), None), Cursor()
    live.expect(Format(SCHEMA, "invoice", has_schema=True) if is_checked else None)
    begin = time.process_time()
    for start in range(0, len(events), TOKENS_PER_FRAME):
        live.apply(events[start : start + TOKENS_PER_FRAME], is_saved=True)
        # A frame with the line about the answer's JSON is due four times a second; here every frame has it.
        cursor.receipt_at = 0.0
        delta(live, cursor)
    seconds = time.process_time() - begin
    if live.check is not None and live.check.line != "JSON, valid so far":
        raise RuntimeError(f"The check says: {live.check.line}")
    return seconds


def measure(size: int) -> None:
    from chat.structured.asked import Format
    from chat.structured.verdict import verdict_on

    text = answer(size)
    tokens = len(text) / TOKEN
    streamed(text, is_checked=True)
    # The two alternate, so that a busy moment does not count for one of them alone.
    pairs = [(streamed(text, is_checked=False), streamed(text, is_checked=True)) for _ in range(REPEATS)]
    plain, checked = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
    report("structured.characters", len(text), "characters")
    report("structured.plain_us_per_token", plain / tokens * 1e6, "us")
    report("structured.checked_us_per_token", checked / tokens * 1e6, "us")
    report("structured.checked_to_plain", ratio(checked, plain), "ratio")
    report("structured.checked_tokens_per_cpu_second", ratio(tokens, checked), "tokens")
    begin = time.process_time()
    verdict = verdict_on(text, Format(SCHEMA, "invoice", has_schema=True))
    report("structured.verdict_ms", (time.process_time() - begin) * 1000, "ms")
    report("structured.valid", int(verdict.is_valid), "of 1")


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="a small answer")
    arguments.add_argument("--megabytes", type=float, default=1.0, help="size of the answer")
    given = arguments.parse_args(words)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    django.setup()
    measure(20_000 if given.smoke else int(given.megabytes * 1_000_000))


if __name__ == "__main__":
    main()
