"""Reasoning in the text of the answer itself, between ``<think>`` and ``</think>``."""

from __future__ import annotations

from enum import Enum, auto

from playground.upstream.dialects.shared.reading.limits import MAX_HELD
from playground.upstream.events import Event, ReasoningDelta, TextDelta, TextWasReasoning

OPEN = "<think>"
CLOSE = "</think>"
_QUOTES = ("`", '"', "'")


class _State(Enum):
    START = auto()
    THINKING_START = auto()
    THINKING = auto()
    AFTER_THINKING = auto()
    TEXT = auto()
    AFTER_ORPHAN = auto()


class ThinkTags:
    """A splitter of the text of one choice into text and reasoning. Chunks may cut the tags anywhere.

    An opening tag counts only where an answer starts, so that an answer about the tag keeps it. A
    closing tag without an opening one counts once, if white space follows it: templates of some
    local servers put the opening tag into the prompt, so all text before the closing tag was
    reasoning. If nothing follows it, the text stays text: GLM 4.5 ends a plain answer that way.
    """

    def __init__(self, choice: int = 0) -> None:
        self._choice = choice
        self._state = _State.START
        # Text whose kind is still open: white space at an edge, or the beginning of a tag.
        self._held = ""
        self._before_held = ""
        self._may_be_orphaned = True

    def feed(self, text: str, events: list[Event]) -> None:
        if self._state is _State.TEXT and not self._held and not (self._may_be_orphaned and "<" in text):
            self._before_held = text
            events.append(TextDelta(text, self._choice))
            return
        self._held += text
        while self._held and self._advance(events):
            pass

    def note_reasoning(self) -> None:
        """Take closing tags as text from now on, because reasoning came in a field of its own."""
        self._may_be_orphaned = False

    def close(self, events: list[Event]) -> None:
        """Emit text that is held back. More text may follow."""
        held, self._held = self._held, ""
        match self._state:
            case _State.THINKING:
                if held.rstrip():
                    events.append(ReasoningDelta(held.rstrip(), self._choice))
            case _State.TEXT:
                if held != CLOSE or not self._may_be_orphaned:
                    self._emit_text(held, events)
            case _:
                # No text follows this white space, so it is dropped.
                self._emit_text(held if held.strip() else "", events)

    def _advance(self, events: list[Event]) -> bool:
        """Emit the held text as far as its kind is clear; return whether the rest can be read at once."""
        match self._state:
            case _State.START:
                return self._start()
            case _State.AFTER_THINKING:
                # The white space between the two parts belongs to neither.
                self._held = self._held.lstrip()
                return bool(self._held) and self._start()
            case _State.THINKING_START:
                self._held = self._held.lstrip()
                self._state = _State.THINKING if self._held else self._state
                return True
            case _State.THINKING:
                return self._read_reasoning(events)
            case _State.TEXT:
                return self._read_text(events)
            case _State.AFTER_ORPHAN:
                return self._leave_orphan(events)

    def _start(self) -> bool:
        text = self._held.lstrip()
        if text.startswith(OPEN):
            self._held = text[len(OPEN) :]
            self._state = _State.THINKING_START
            self._may_be_orphaned = False
            return True
        if OPEN.startswith(text) and len(self._held) <= MAX_HELD:
            return False
        self._state = _State.TEXT
        return True

    def _read_reasoning(self, events: list[Event]) -> bool:
        thought, tag, after = self._held.partition(CLOSE)
        if tag:
            ready = thought.rstrip()
            self._held, self._state = after, _State.AFTER_THINKING
        else:
            certain = thought[: len(thought) - _partial(thought, CLOSE)]
            ready = certain.rstrip()
            # Longer white space is emitted: checking it again with every chunk would take quadratic time.
            ready = ready if len(certain) - len(ready) <= MAX_HELD else certain
            self._held = thought[len(ready) :]
        if ready:
            events.append(ReasoningDelta(ready, self._choice))
        return bool(tag)

    def _read_text(self, events: list[Event]) -> bool:
        before, tag, after = self._held.partition(CLOSE)
        self._held = ""
        if not self._may_be_orphaned or OPEN in before:
            # The answer is about the tags, so a closing tag that follows is text as well.
            self._may_be_orphaned = False
            self._emit_text(before + tag + after, events)
            return False
        if not tag:
            cut = len(before) - max(_partial(before, CLOSE), _partial(before, OPEN))
            self._emit_text(before[:cut], events)
            self._held = before[cut:]
            return False
        self._emit_text(before, events)
        if self._before_held.endswith(_QUOTES) or (after and not after[0].isspace()):
            self._may_be_orphaned = False
            self._emit_text(tag + after, events)
            return False
        self._held = after or tag
        self._state = _State.AFTER_ORPHAN if after else self._state
        return bool(after)

    def _leave_orphan(self, events: list[Event]) -> bool:
        text = self._held.lstrip()
        if not text and len(self._held) <= MAX_HELD:
            return False
        self._may_be_orphaned = False
        if self._before_held:
            events.append(TextWasReasoning(self._choice))
        self._held, self._state = text, _State.TEXT
        return True

    def _emit_text(self, text: str, events: list[Event]) -> None:
        if text:
            self._before_held = text
            events.append(TextDelta(text, self._choice))


def _partial(text: str, tag: str) -> int:
    """Return how many characters at the end of the text may be the beginning of the tag."""
    for length in range(min(len(tag) - 1, len(text)), 0, -1):
        if text.endswith(tag[:length]):
            return length
    return 0
