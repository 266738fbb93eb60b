"""The text of an answer, which a closing tag without an opening one can make reasoning."""

from __future__ import annotations

from playground.upstream.dialects.shared.reading.limits import MAX_HELD, MAX_PREFILLED
from playground.upstream.dialects.shared.reading.think_tags import (
    ORPHAN,
    closes_reasoning,
    cut_off,
    is_left_over,
)
from playground.upstream.events import Event, TextDelta, TextWasReasoning
from playground.upstream.growing_text import GrowingText


class AnswerText:
    """A reader of text. The tag counts once, and only at a place where it is not talked about."""

    def __init__(self, choice: int, *, may_be_reasoning: bool) -> None:
        self._choice = choice
        self._may_be_reasoning = may_be_reasoning
        # The beginning of a tag, or the white space behind a whole one.
        self._held = ""
        self._is_behind_tag = False
        # The text so far, while it may become reasoning.
        self._text = GrowingText()
        self._length = 0

    def feed(self, text: str, events: list[Event]) -> None:
        if self._held or self._is_behind_tag or (self._may_be_reasoning and "<" in text):
            self._held += text
            if not self._is_behind_tag:
                self._find_tag(events)
            if self._is_behind_tag:
                self._leave_tag(events)
        else:
            self._emit(text, events)

    def note_reasoning(self) -> None:
        self._may_be_reasoning = False
        self._text.clear()

    def close(self, events: list[Event], *, is_finished: bool) -> None:
        held, self._held = self._held, ""
        if self._is_behind_tag:
            self._is_behind_tag = False
            held = "" if is_left_over(str(self._text)) else ORPHAN + held
        self._emit(held, events)

    def _find_tag(self, events: list[Event]) -> None:
        before, tag, after = self._held.partition(ORPHAN) if self._may_be_reasoning else (self._held, "", "")
        cut = len(before) - (0 if tag or not self._may_be_reasoning else cut_off(before, ORPHAN))
        self._held, self._is_behind_tag = after if tag else before[cut:], bool(tag)
        self._emit(before[:cut], events)

    def _leave_tag(self, events: list[Event]) -> None:
        """Decide on the tag as soon as its line has ended, or goes on."""
        gap = self._held[: MAX_HELD + 1]
        gap = gap[: len(gap) - len(gap.lstrip())]
        if len(gap) == len(self._held) <= MAX_HELD:
            return
        text, held = str(self._text), self._held
        self._held, self._is_behind_tag = "", False
        was_open, self._may_be_reasoning = self._may_be_reasoning, False
        self._text.clear()
        if not (was_open and closes_reasoning(text, gap)):
            self._emit(ORPHAN + held, events)
            return
        if text:
            events.append(TextWasReasoning(self._choice))
        self._emit(held[len(gap) :], events)

    def _emit(self, text: str, events: list[Event]) -> None:
        if not text:
            return
        if self._may_be_reasoning:
            self._text.append(text)
            self._length += len(text)
            if self._length > MAX_PREFILLED:
                self.note_reasoning()
        events.append(TextDelta(text, self._choice))
