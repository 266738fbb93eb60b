"""The size of an answer in tokens while it streams, as our own count has it, against what its hold covers."""

from __future__ import annotations

from msgspec.structs import replace

from playground.pricing import BYTES_PER_TOKEN
from playground.upstream.events import (
    AudioDelta,
    Event,
    HostedToolCall,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
)


class Cover:
    """Compares what was written with the tokens that a hold covers; None covers any number.

    An event with words counts as at least one token, and :data:`BYTES_PER_TOKEN` bytes of them as one: some
    providers send a token in each event, others a sentence.
    """

    def __init__(self) -> None:
        self.tokens: int | None = None
        # The sentence of the limit that has nothing left for the answer; empty while there is none.
        self.stopped_by = ""
        self._events = 0
        self._bytes = 0

    @property
    def written(self) -> int:
        return max(self._events, -(-self._bytes // BYTES_PER_TOKEN))

    def missing(self, events: list[Event]) -> int:
        """Count the events; return the tokens beyond what is covered, or 0."""
        for event in events:
            if size := size_of(event):
                self._events += 1
                self._bytes += size
        return 0 if self.tokens is None else max(0, self.written - self.tokens)

    def add(self, tokens: int) -> None:
        if self.tokens is not None:
            self.tokens += tokens

    def start_over(self) -> None:
        self._events = self._bytes = 0

    def part(self, events: list[Event]) -> list[Event]:
        """Return the first of the events, which were counted last, as far as they are covered."""
        assert self.tokens is not None  # noqa: S101 - otherwise nothing is missing
        sizes = [size_of(event) for event in events]
        self._events -= sum(map(bool, sizes))
        self._bytes -= sum(sizes)
        kept: list[Event] = []
        for event, size in zip(events, sizes, strict=True):
            room = self.tokens * BYTES_PER_TOKEN - self._bytes
            if size and (self._events >= self.tokens or size > room):
                if isinstance(event, TextDelta | ReasoningDelta) and self._events < self.tokens and room > 0:
                    kept.append(replace(event, text=_beginning(event.text, room)))
                break
            self._events += bool(size)
            self._bytes += size
            kept.append(event)
        return kept


def size_of(event: Event) -> int:
    """Return the bytes of the words that the model wrote in an event."""
    if isinstance(event, TextDelta | ReasoningDelta | RefusalDelta):
        text = event.text
    elif isinstance(event, ToolCallDelta):
        text = event.name + event.arguments
    elif isinstance(event, HostedToolCall):
        text = event.input
    elif isinstance(event, AudioDelta):
        text = event.transcript
    else:
        return 0
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _beginning(text: str, size: int) -> str:
    return text.encode("utf-8", "replace")[:size].decode("utf-8", "ignore")
