"""The size of an answer in tokens while it streams, as our own count has it, against what its hold covers."""

from __future__ import annotations

import math

from msgspec.structs import replace

from playground.estimating.counting import MOST_PER_BYTE, beginning, tokens_of
from playground.upstream.events import (
    AudioDelta,
    Event,
    HostedToolCall,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
)

# Our count of a text is rough, so a hold covers this many times as much.
MARGIN = 1.1
# Sums of fractions are off by less.
_ROUNDING = 1e-6


class Cover:
    """Compares what was written with the tokens that a hold covers; None covers any number.

    An event with words counts as at least one token: some providers send a token in each event, others a
    sentence. Texts are counted only when they might need more than is covered, which saves most of the work.
    """

    def __init__(self) -> None:
        self.tokens: int | None = None
        # The model's tokens for each one that we count.
        self.rate = 1.0
        # The sentence of the limit that has nothing left for the answer; empty while there is none.
        self.stopped_by = ""
        self._events = 0
        self._counted = 0.0
        self._uncounted: list[str] = []
        # The most tokens that the uncounted texts can have.
        self._at_most = 0.0

    @property
    def written(self) -> int:
        """The tokens so far, with the margin."""
        self._count()
        return max(self._events, math.ceil(self._counted * self._factor - _ROUNDING))

    @property
    def _factor(self) -> float:
        return self.rate * MARGIN

    def missing(self, events: list[Event]) -> int:
        """Count the events; return the tokens beyond what is covered, or 0."""
        for event in events:
            if text := text_of(event):
                self._events += 1
                self._uncounted.append(text)
                self._at_most += len(text) * (MOST_PER_BYTE if text.isascii() else 4 * MOST_PER_BYTE)
        if self.tokens is None:
            return 0
        if max(self._events, (self._counted + self._at_most) * self._factor) < self.tokens:
            return 0
        return max(0, self.written - self.tokens)

    def add(self, tokens: int) -> None:
        if self.tokens is not None:
            self.tokens += tokens

    def start_over(self) -> None:
        self._events, self._counted = 0, 0.0
        self._uncounted, self._at_most = [], 0.0

    def part(self, events: list[Event]) -> list[Event]:
        """Return the first of the events, which were counted last, as far as they are covered."""
        assert self.tokens is not None  # noqa: S101 - otherwise nothing is missing
        texts = [text_of(event) for event in events]
        self._count()
        self._events -= sum(map(bool, texts))
        self._counted -= sum(map(tokens_of, texts))
        kept: list[Event] = []
        for event, text in zip(events, texts, strict=True):
            room = self.tokens / self._factor - self._counted
            size = tokens_of(text)
            if text and (self._events >= self.tokens or size > room):
                if isinstance(event, TextDelta | ReasoningDelta) and self._events < self.tokens:
                    kept += self._first_words(event, room)
                break
            self._events += bool(text)
            self._counted += size
            kept.append(event)
        return kept

    def _first_words(self, event: TextDelta | ReasoningDelta, room: float) -> list[Event]:
        first = beginning(event.text, room)
        if not first:
            return []
        self._events += 1
        self._counted += tokens_of(first)
        return [replace(event, text=first)]

    def _count(self) -> None:
        if self._uncounted:
            self._counted += tokens_of("".join(self._uncounted))
            self._uncounted, self._at_most = [], 0.0


def text_of(event: Event) -> str:
    """Return the words that the model wrote in an event."""
    if isinstance(event, TextDelta | ReasoningDelta | RefusalDelta):
        return event.text
    if isinstance(event, ToolCallDelta):
        return event.name + event.arguments
    if isinstance(event, HostedToolCall):
        return event.input
    return event.transcript if isinstance(event, AudioDelta) else ""
