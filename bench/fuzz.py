"""Recorded answers, broken by many mutations, read by parser and normaliser.

python -m bench.fuzz --bytes 10000000

Stops at the first input that raises, takes too long, or makes us hold many times its size. The
same seed gives the same inputs.
"""

from __future__ import annotations

import argparse
import json
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.figures import report
from playground.upstream.answer import Answer
from playground.upstream.events import decode_events, encode_events
from playground.upstream.reading import AnswerReader

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (
    ROOT / "tests" / "playground" / "recordings",
    ROOT.parent / "shared" / "upstream" / "recordings",
)
SEED = 20_240_229
# The most processor time for one input, in seconds. Inputs of a few kB are read in milliseconds.
MOST_SECONDS = 2.0
# The most memory while an input is read: bytes for each byte of input, and a fixed share.
MOST_GROWTH, MOST_FIXED = 100, 512 * 1024

Mutation = Callable[[random.Random, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Recording:
    endpoint: str
    data: bytes = field(repr=False)
    name: str = ""


def recordings() -> list[Recording]:
    """Return our recordings, and those of the shared folder where it exists."""
    found = []
    for folder in FOLDERS:
        if (folder / "manifest.json").is_file():
            for entry in json.loads((folder / "manifest.json").read_text(encoding="utf-8")):
                endpoint = entry["endpoint"].removeprefix("/v1/")
                found.append(
                    Recording(
                        endpoint,
                        (folder / entry["file"]).read_bytes(),
                        f"{folder.parent.name}/{entry['file']}",
                    )
                )
    return found


# --- bytes ---


def cut(dice: random.Random, data: bytes) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def lose(dice: random.Random, data: bytes) -> bytes:
    start = dice.randrange(len(data) + 1)
    return data[:start] + data[start + dice.randrange(1, 200) :]


def flip(dice: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randrange(1, 12)):
        if changed:
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def insert(dice: random.Random, data: bytes) -> bytes:
    place = dice.randrange(len(data) + 1)
    return data[:place] + dice.choice(ODD_BYTES) * dice.choice((1, 1, 2, 50)) + data[place:]


ODD_BYTES = (
    b"\n\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"data:", b"event: error\n", b"id: x\n",
    b": \n", b'"', b"{", b"}", b"[", b"\\u0000", b"\\ud83d", b"\\ude00", b"<think>", b"</think>", b" ",
    b"-", b"1e999",
    b"data: [DONE]\n\n", b'data: {"error":{"message":"x"}}\n\n', b"null", b"NaN",
)  # fmt: skip


# --- events ---


def _blocks(data: bytes) -> list[bytes]:
    return data.split(b"\n\n")


def repeat(dice: random.Random, data: bytes) -> bytes:
    blocks = _blocks(data)
    place = dice.randrange(len(blocks))
    return b"\n\n".join([*blocks[:place], *[blocks[place]] * dice.choice((2, 3, 40)), *blocks[place + 1 :]])


def swap(dice: random.Random, data: bytes) -> bytes:
    blocks = _blocks(data)
    for _ in range(dice.randrange(1, 5)):
        one, other = dice.randrange(len(blocks)), dice.randrange(len(blocks))
        blocks[one], blocks[other] = blocks[other], blocks[one]
    return b"\n\n".join(blocks)


def drop(dice: random.Random, data: bytes) -> bytes:
    blocks = _blocks(data)
    del blocks[dice.randrange(len(blocks))]
    return b"\n\n".join(blocks)


# --- values ---

MARK = "\N{SNOWMAN} here \N{SNOWMAN}"

ODD_VALUES: tuple[bytes, ...] = (
    b"null", b"true", b"false", b"0", b"-1", b"1e308", b"1e999", b"NaN", b"1" * 25, b"9" * 400, b"1" * 5000,
    b'""', b'"x"', b'"\\u0000"', b'"\\ud83d"', b"[]", b"{}", b"[null]", b'[{"a":[1,{}]}]', b'{"type":"text"}',
    b'{"type":["x"],"id":{},"index":[],"name":7,"text":{},"url":[],"data":9}', b'["a",1,{},[],null,true]',
    b"[" * 60 + b"]" * 60, b"[" * 3000 + b"]" * 3000, b'{"a":' * 990 + b"1" + b"}" * 990,
    b'"' + b" " * 3000 + b'"', b'"' + b"</think>" * 40 + b'"', b"123456789012345678", b"-0.0",
    b"[" + b"{}," * 300 + b"{}]",
)  # fmt: skip


def retype(dice: random.Random, data: bytes) -> bytes:
    """Put something else in the place of some values of one payload."""
    blocks = _blocks(data)
    places = [number for number, block in enumerate(blocks) if b"{" in block]
    if not places:
        return data
    place = dice.choice(places)
    start = blocks[place].index(b"{")
    try:
        found = json.loads(blocks[place][start:])
    except (ValueError, RecursionError):
        return data
    slots = list(_slots(found))
    for holder, key in dice.sample(slots, min(len(slots), dice.choice((1, 1, 2, 5)))):
        holder[key] = MARK
    written = json.dumps(found).encode()
    mark = json.dumps(MARK).encode()
    while mark in written:
        written = written.replace(mark, dice.choice(ODD_VALUES), 1)
    blocks[place] = blocks[place][:start] + written
    return b"\n\n".join(blocks)


def _slots(found: object) -> Iterator[tuple[Any, int | str]]:
    """Yield every place in a JSON value that holds another value."""
    if isinstance(found, dict):
        for key, value in found.items():
            yield found, key
            yield from _slots(value)
    elif isinstance(found, list):
        for number, value in enumerate(found):
            yield found, number
            yield from _slots(value)


MUTATIONS: tuple[Mutation, ...] = (cut, lose, flip, insert, repeat, swap, drop, retype, retype, retype)


def inputs(seed: int, most_bytes: int) -> Iterator[Recording]:
    """Yield broken recordings until they have that many bytes in all."""
    dice = random.Random(seed)
    corpus = recordings()
    total = 0
    while total < most_bytes:
        one = dice.choice(corpus)
        data = one.data
        for _ in range(dice.choice((1, 1, 2, 3, 6))):
            data = dice.choice(MUTATIONS)(dice, data)
        # A tenth of the inputs goes to the reader of another dialect.
        endpoint = one.endpoint if dice.random() < 0.9 else dice.choice(corpus).endpoint
        total += len(data)
        yield Recording(endpoint, data, one.name)


def read(given: Recording, dice: random.Random) -> Answer:
    """Return the answer, read in pieces of any size, with every event serialised as in the log."""
    reader, answer = AnswerReader(given.endpoint, 200, {}), Answer()
    events = reader.begin()
    start = 0
    while start < len(given.data) and not reader.is_done:
        size = dice.choice((1, 7, 100, 1460, 65_536)) if len(given.data) < 100_000 else 65_536
        events += reader.feed(given.data[start : start + size])
        start += size
    events += reader.close()
    encoded = encode_events(events)
    told = decode_events(encoded)
    if encode_events(told) != encoded:
        raise AssertionError("What the log gives back is not what it was given.")
    for event in told:
        answer.apply(event)
    json.dumps(answer.data, allow_nan=False).encode()
    return answer


@dataclass(slots=True)
class Outcome:
    bytes: int = 0
    answers: int = 0
    failed: int = 0
    truncated: int = 0
    # The most processor seconds and the most bytes at once that a single input took.
    slowest: float = 0.0
    most_held: int = 0

    def add(self, given: Recording, answer: Answer, seconds: float, held: int) -> None:
        self.bytes += len(given.data)
        self.answers += 1
        self.failed += answer.failure is not None
        self.truncated += answer.is_truncated
        self.slowest, self.most_held = max(self.slowest, seconds), max(self.most_held, held)


def fuzz(seed: int, most_bytes: int) -> Outcome:
    """Read all inputs; raise ``AssertionError`` naming the first one that shows a fault."""
    outcome = Outcome()
    dice = random.Random(seed)
    tracemalloc.start()
    try:
        for number, given in enumerate(inputs(seed, most_bytes)):
            where = f"Input {number} of seed {seed}, from {given.name}"
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            started = time.process_time()
            try:
                answer = read(given, dice)
            except Exception as error:
                raise AssertionError(f"{where}: {error!r}") from error
            seconds = time.process_time() - started
            held = tracemalloc.get_traced_memory()[1] - before
            if seconds > MOST_SECONDS:
                raise AssertionError(f"{where}: {seconds:.1f} s")
            if held > MOST_FIXED + MOST_GROWTH * len(given.data):
                raise AssertionError(f"{where}: {held} bytes held")
            outcome.add(given, answer, seconds, held)
    finally:
        tracemalloc.stop()
    return outcome


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bytes", type=int, default=1_000_000, help="how much to read in all")
    arguments.add_argument("--seed", type=int, default=SEED)
    given = arguments.parse_args(words)
    outcome = fuzz(given.seed, given.bytes)
    report("fuzz.bytes", outcome.bytes, "bytes")
    report("fuzz.answers", outcome.answers, "answers")
    report("fuzz.answers.failed", outcome.failed, "answers")
    report("fuzz.answers.truncated", outcome.truncated, "answers")
    report("fuzz.slowest_answer", outcome.slowest * 1000, "ms")
    report("fuzz.most_held_of_one_answer", outcome.most_held / 1024, "kB")
    report("fuzz.faults", 0, "answers")


if __name__ == "__main__":
    main()
