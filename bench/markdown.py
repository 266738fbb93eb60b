"""Processor time of rendering an answer while it streams. Prints ``name value unit`` lines.

python -m bench.markdown --tokens 100000

A token is four characters, a frame two and a half tokens: 50 tokens a second, 20 frames. Every
frame asks for blocks and the open end and takes what a page that is up to date would be sent.
"""

from __future__ import annotations

import argparse
import time
from typing import NamedTuple

from bench.figures import report
from chat.markdown import IncrementalRenderer, render

TOKEN = 4
FRAME = 10
SHORT = 1_000
REPEATS = 5


class Kind(NamedTuple):
    """Text of an answer of any length: a beginning and a part that repeats."""

    start: str
    unit: str


WORDS = "Refilling when asked, instead of in a task of its own, keeps the bucket small and easy to follow. "
EMPHASIS = (
    "The **bucket** holds up to `capacity` tokens and refills at a *fixed* rate, as "
    "[the documentation](https://docs.python.org/3/) says about it. "
)
ANSWER = f"""## How it works

{EMPHASIS}{WORDS}{WORDS}

- **Burst**: {WORDS}
- **Memory**: two numbers, `rate` and `capacity`
- **Fairness**: none, as $r t$ tokens belong to whoever comes first

```python
async def take(self, amount: int = 1) -> None:
    while (wait := self._missing(amount)) > 0:
        await sleep(wait)
    self.tokens -= amount
```

| | Bucket | Window |
|---|---|---|
| Burst | up to `capacity` | none |
| Memory | two numbers | one per request |

{WORDS}{EMPHASIS}

"""
KINDS = {
    "answer": Kind("", ANSWER),
    "prose": Kind("", WORDS * 4 + "\n\n"),
    "one_paragraph": Kind("", EMPHASIS),
    "one_line": Kind("", "word "),
    "one_code_block": Kind("```python\n", "total = compute(first, second)  # <something>\n"),
    "one_list": Kind("", "- an item with **bold** words and `code` in it\n"),
    "one_item": Kind("- the first\n", "  - a nested item with **bold** words and `code`\n"),
    "one_table": Kind("| a | b | c |\n|---|---|---|\n", "| one cell | **another** cell | `third` |\n"),
    "one_quotation": Kind("", "> quoted words that **go** on\n"),
}


def answer_of(kind: Kind, tokens: int) -> str:
    size = tokens * TOKEN
    return (kind.start + kind.unit * (size // len(kind.unit) + 1))[:size]


def stream(text: str) -> float:
    """Return the CPU seconds to show a text while it arrives."""
    renderer, shown, version, sent = IncrementalRenderer(), 0, 0, 0
    started = time.process_time()
    for start in range(0, len(text), FRAME):
        renderer.feed(text[start : start + FRAME])
        open_end = renderer.open_end()
        if open_end.version != version:
            added = open_end.added_since(version)
            sent += len(open_end.html if added is None else added)
        sent += sum(map(len, renderer.blocks[shown:]))
        shown, version = len(renderer.blocks), open_end.version
    renderer.finish()
    elapsed = time.process_time() - started
    if not sent or not renderer.blocks:
        raise SystemExit("Nothing was rendered.")
    return elapsed


def update_us(text: str) -> float:
    """Return the mean CPU time of one frame while a paragraph grows to that text."""
    return min(stream(text) for _ in range(REPEATS)) / (len(text) / FRAME) * 1e6


def per_token_us(kind: Kind, tokens: int, repeats: int) -> float:
    text = answer_of(kind, tokens)
    return min(stream(text) for _ in range(repeats)) / tokens * 1e6


def whole_ms(characters: int) -> float:
    text = answer_of(KINDS["answer"], characters // TOKEN)
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        render(text)
        times.append(time.process_time() - started)
    return min(times) * 1e3


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--tokens", type=int, default=100_000, help="length of the long answers")
    long = max(arguments.parse_args(words).tokens, SHORT)
    stream(ANSWER)
    report("markdown.frame.prose_300", update_us(WORDS * 3), "us")
    report("markdown.frame.emphasis_300", update_us(EMPHASIS * 2), "us")
    report("markdown.whole.12kB", whole_ms(12_000), "ms")
    for name, kind in KINDS.items():
        short_us, long_us = per_token_us(kind, SHORT, REPEATS), per_token_us(kind, long, 1)
        report(f"markdown.per_token.{name}", long_us, "us")
        report(f"markdown.per_token.{name}.long_to_short", long_us / short_us, "ratio")


if __name__ == "__main__":
    main()
