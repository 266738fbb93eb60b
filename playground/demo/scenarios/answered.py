"""Scenarios with a complete stream."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice

from playground.demo import tokens
from playground.demo.answers import ScriptedAnswer
from playground.demo.answers.answer import ScriptedToolCall
from playground.demo.replies import Reply
from playground.demo.scenarios.options import SENTENCE, THOUGHT, Options, Scenario, number, token_count
from playground.demo.steps import DONE, Meet, Pace, Step, Steps, event


def plain(reply: Reply, _: Options) -> Steps:
    return reply.stream(ScriptedAnswer.of(SENTENCE))


def reasoning(reply: Reply, _: Options) -> Steps:
    return reply.stream(ScriptedAnswer.of(SENTENCE, THOUGHT))


def tool_call(reply: Reply, _: Options) -> Steps:
    call = ScriptedToolCall("call_kettle", "read_temperature", '{"vessel": "kettle", "unit": "celsius"}')
    return reply.stream(ScriptedAnswer.of("", tool_calls=(call,)))


def slow(reply: Reply, options: Options) -> Steps:
    return replace(reply, tokens_per_second=number(options, "rate", 5)).stream(ScriptedAnswer.of(SENTENCE))


def long(reply: Reply, options: Options) -> Steps:
    """Send the tokens of ``paced`` as fast as the client reads; 20,000 by default."""
    return paced(reply, {"tokens": "20000", "rate": "0", "stamp": "0", **options})


def paced(reply: Reply, options: Options) -> Steps:
    """Send numbered words ``w0 w1 w2 …`` at a steady ``rate``, so that a client can detect missing ones.

    Every word whose number divides by ``stamp`` carries the moment of its writing,
    ``w20@microseconds``, by the monotonic clock that all processes of a machine share.
    A paragraph has ``paragraph`` words. With ``together`` it waits for as many streams like it.
    """
    size = token_count(options, 500)
    yield reply.head()
    if together := int(number(options, "together", 0)):
        yield Meet(reply.model, together)
    yield Pace(number(options, "rate", 50))
    stamp, paragraph = int(number(options, "stamp", 1)), int(number(options, "paragraph", 60))
    yield from _numbered(reply, size, stamp, paragraph)
    yield reply.delta({}, finish_reason="stop")
    yield event(reply.ending(ScriptedAnswer([""] * size)))
    yield DONE


def _numbered(reply: Reply, size: int, stamp: int, paragraph: int) -> Iterator[Step]:
    for place in range(size):
        written = f"@{time.monotonic_ns() // 1000}" if stamp and place % stamp == 0 else ""
        gap = "\n\n" if paragraph and (place + 1) % paragraph == 0 else " "
        yield reply.delta({"content": f"w{place}{written}{gap}"}, is_token=True)


def document(reply: Reply, options: Options) -> Steps:
    """Send chapters with all elements of Markdown, at a ``rate`` or as fast as the client reads."""
    pieces = islice(_chapters(), token_count(options, 20_000))
    answer = ScriptedAnswer(list(pieces))
    yield from replace(reply, tokens_per_second=number(options, "rate", 0)).stream(answer)


def _chapters() -> Iterator[str]:
    for place in count(1):
        yield from tokens.split(_CHAPTER.format(place=place))


# Each chapter is different, so that lost, repeated and misplaced text is visible.
_CHAPTER = """## Chapter {place}

The **bucket** of chapter {place} holds up to `capacity` tokens and refills at a *fixed* rate, as
[the documentation](https://example.org/{place}) says about it. Refilling when asked, instead of in a task
of its own, keeps it small and easy to follow, and $r t$ tokens belong to whoever comes first.

- **Burst**: up to `{place}` at once, and then as many as come in
- **Memory**: two numbers
  1. the rate
  2. the capacity

```python
async def take_{place}(self, amount: int = {place}) -> None:
    while (wait := self._missing(amount)) > 0:
        await sleep(wait)
    self.tokens -= amount
```

| | Bucket {place} | Window |
|---|---|---|
| Burst | up to `capacity` | none |
| Memory | two numbers | one per request |

> Whoever comes first in chapter {place} is served first, and whoever comes late waits for as long as the
> bucket takes to fill.

"""

SCENARIOS: dict[str, Scenario] = {
    "plain": plain,
    "reasoning": reasoning,
    "tool_call": tool_call,
    "slow": slow,
    "long": long,
    "paced": paced,
    "document": document,
}
