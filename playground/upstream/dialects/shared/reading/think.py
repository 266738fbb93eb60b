"""Reasoning in the text of the answer itself, between ``<think>`` and ``</think>`` or the like."""

from __future__ import annotations

from enum import Enum, auto

from playground.upstream.dialects.shared.reading import harmony
from playground.upstream.dialects.shared.reading.answer_text import AnswerText
from playground.upstream.dialects.shared.reading.harmony import Harmony
from playground.upstream.dialects.shared.reading.limits import MAX_HELD
from playground.upstream.dialects.shared.reading.think_tags import QUOTES, TAGS, cut_off, is_quoted
from playground.upstream.events import Event, ReasoningDelta, ReasoningWasText, TextDelta

_BEGINNINGS = (*(tag.open for tag in TAGS), *harmony.BEGINNINGS)
# A text with many tags is read in slices, since each tag copies the rest of its slice.
_SLICE = 16_384
# Characters before a tag that tell whether it is quoted.
_BEFORE = 200


class _State(Enum):
    START = auto()
    THINKING_START = auto()
    THINKING = auto()
    AFTER_THINKING = auto()


class ThinkTags:
    """A splitter of the text of one choice into text and reasoning. Chunks may cut the tags anywhere.

    An opening tag counts only where an answer starts. If it never closes, the rest is reasoning, and
    becomes text once the answer has ended by itself. :class:`AnswerText` reads what is no reasoning.
    """

    def __init__(self, choice: int = 0) -> None:
        self._choice = choice
        self._state = _State.START
        # Text whose kind is still open: white space at an edge, or the beginning of a tag.
        self._held = ""
        self._tag = TAGS[0]
        # The opening tag with the white space after it, and the length of the reasoning since. The first
        # is empty if that reasoning cannot be taken back.
        self._opening = ""
        self._thought = 0
        # The end of that reasoning.
        self._before = ""
        self._may_be_orphaned = True
        # The reader of all further text.
        self._rest: AnswerText | Harmony | None = None

    def feed(self, text: str, events: list[Event]) -> None:
        if self._rest is not None:
            self._rest.feed(text, events)
            return
        for start in range(0, len(text), _SLICE):
            self._held += text[start : start + _SLICE]
            while self._held and self._advance(events):
                pass

    def note_reasoning(self) -> None:
        """Take closing tags as text from now on, because reasoning came in a field of its own."""
        self._may_be_orphaned = False
        # The open reasoning is no longer the end of all reasoning.
        self._opening = ""
        if self._rest is not None:
            self._rest.note_reasoning()

    def close(self, events: list[Event], *, is_finished: bool = False) -> None:
        """Emit text that is held back. More text may follow.

        ``is_finished`` says that the answer ended by itself, and was not cut.
        """
        if self._rest is not None:
            self._rest.close(events, is_finished=is_finished)
            return
        held, self._held = self._held, ""
        match self._state:
            case _State.THINKING if held == self._tag.close:
                self._state = _State.AFTER_THINKING
            case _State.THINKING_START | _State.THINKING if is_finished and self._opening:
                self._take_back(held, events)
            case _State.THINKING_START | _State.THINKING:
                self._emit(held.rstrip(), events)
            case _ if held.strip():
                events.append(TextDelta(held, self._choice))
            case _:
                # No text follows this white space, so it is dropped.
                pass

    def _take_back(self, held: str, events: list[Event]) -> None:
        """Make text of reasoning that began with a tag and has no end."""
        self._rest = AnswerText(self._choice, may_be_reasoning=False)
        self._rest.feed(self._opening, events)
        if self._thought:
            events.append(ReasoningWasText(self._thought, self._choice))
        self._rest.feed(held, events)

    def _advance(self, events: list[Event]) -> bool:
        """Emit the held text as far as its kind is clear; return whether the rest can be read at once."""
        match self._state:
            case _ if self._rest is not None:
                held, self._held = self._held, ""
                self._rest.feed(held, events)
                return False
            case _State.START | _State.AFTER_THINKING:
                return self._start()
            case _State.THINKING_START:
                text = self._held.lstrip()
                if self._opening:
                    blank = self._held[: len(self._held) - len(text)]
                    self._opening = (self._opening + blank)[:MAX_HELD]
                self._held, self._state = text, _State.THINKING if text else self._state
                return True
            case _State.THINKING:
                return self._read_reasoning(events)

    def _start(self) -> bool:
        if self._state is _State.AFTER_THINKING:
            # The white space between the two parts belongs to neither.
            self._held = self._held.lstrip()
        text = self._held.lstrip()
        if len(self._held) - len(text) < MAX_HELD:
            for tag in TAGS:
                if text.startswith(tag.open):
                    self._tag, self._opening, self._thought, self._before = tag, tag.open, 0, ""
                    self._held, self._state = text.removeprefix(tag.open), _State.THINKING_START
                    self._may_be_orphaned = False
                    return True
            if text.startswith(harmony.BEGINNINGS):
                self._rest = Harmony(self._choice)
                return True
            if any(opening.startswith(text) for opening in _BEGINNINGS):
                return False
        self._rest = AnswerText(self._choice, may_be_reasoning=self._may_be_orphaned)
        return True

    def _read_reasoning(self, events: list[Event]) -> bool:
        thought, tag, after = self._held.partition(self._tag.close)
        if tag:
            return self._leave_reasoning(thought, after, events)
        certain = thought[: len(thought) - cut_off(thought, self._tag.close)]
        ready = certain.rstrip()
        # Longer white space is emitted: checking it again with every chunk would take quadratic time.
        ready = ready if len(certain) - len(ready) <= MAX_HELD else certain
        self._held = thought[len(ready) :]
        self._emit(ready, events)
        return False

    def _leave_reasoning(self, thought: str, after: str, events: list[Event]) -> bool:
        """End the reasoning at its closing tag, unless the tag is quoted."""
        before = self._before + thought
        if not after and before.endswith(QUOTES):
            self._emit(thought, events)
            self._held = self._tag.close
            return False
        if is_quoted(before, after):
            self._emit(thought + self._tag.close, events)
        else:
            self._emit(thought.rstrip(), events)
            self._state = _State.AFTER_THINKING
        self._held = after
        return True

    def _emit(self, text: str, events: list[Event]) -> None:
        if text:
            self._thought += len(text)
            self._before = (self._before + text)[-_BEFORE:]
            events.append(ReasoningDelta(text, self._choice))
