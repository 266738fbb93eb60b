"""Answers in the channels of OpenAI's harmony format, from servers that do not parse it.

https://cookbook.openai.com/articles/openai-harmony
"""

from __future__ import annotations

import re

from playground.upstream.events import Event, ReasoningDelta, ReasoningWasText, TextDelta

BEGINNINGS = ("<|channel|>", "<|start|>")
_ENDS = ("<|end|>", "<|return|>", "<|call|>")
_TOKEN = re.compile(r"<\|(?:channel|start|end|return|call)\|>")
_HEADER = re.compile(
    r"\s*(?:<\|start\|>[^<\n]{1,60})?<\|channel\|>\s?(?P<channel>analysis|commentary|final)\b"
    r"(?P<rest>[^\n]{0,100}?)<\|message\|>"
)
_CHANNELS = ("analysis", "commentary", "final")
# A longer beginning of a header is the text of an answer about the format.
_LONGEST_HEADER = 200
_SLICE = 16_384
_GAP = "\n\n"


class Harmony:
    """A splitter of the text of one choice into text and reasoning, by its channels.

    ``analysis`` is reasoning; ``final`` and ``commentary`` are text. A message to a tool stays as it
    came, header included. Tokens in places that the format does not know are text.
    """

    def __init__(self, choice: int) -> None:
        self._choice = choice
        # The end of the text, from a token on whose meaning is still open.
        self._held = ""
        self._is_reasoning = False
        # The header of the open message and its length so far, in case that it turns out to be text.
        self._header = ""
        self._length = 0
        # Kinds of the messages so far; a gap separates two of one kind.
        self._had: set[bool] = set()
        self._needs_gap = False

    def feed(self, text: str, events: list[Event]) -> None:
        # A text with many tokens is read in slices, since each token copies the rest of its slice.
        for start in range(0, len(text), _SLICE):
            self._held += text[start : start + _SLICE]
            while self._held and self._advance(events):
                pass

    def note_reasoning(self) -> None:
        """Keep the open reasoning, because it is no longer the end of all reasoning."""
        self._header = ""

    def close(self, events: list[Event], *, is_finished: bool) -> None:
        """Emit text that is held back. Reasoning without an end is text if the answer ended by itself."""
        held, self._held = self._held, ""
        if held.rstrip() in _ENDS:
            return
        if self._is_reasoning and self._header and is_finished:
            length, self._is_reasoning, self._needs_gap = self._length, False, False
            self._emit(self._header, events)
            if length:
                events.append(ReasoningWasText(length, self._choice))
        self._emit(held, events)

    def _advance(self, events: list[Event]) -> bool:
        """Emit the held text as far as its kind is clear; return whether the rest can be read at once."""
        found = _TOKEN.search(self._held)
        start = found.start() if found else _start_of_token(self._held)
        self._emit(self._held[:start], events)
        self._held = self._held[start:]
        if found is None:
            return False
        rest = self._held if found[0] in BEGINNINGS else self._held.removeprefix(found[0])
        header = _HEADER.match(rest)
        if header is not None:
            self._begin(header, events)
            self._held = rest[header.end() :]
        elif len(rest) <= _LONGEST_HEADER and _may_be_header(rest.lstrip()):
            return False
        elif self._is_reasoning and found[0] in _ENDS:
            # The answer follows without a header.
            self._turn(is_reasoning=False)
            self._held = rest.lstrip()
        else:
            self._emit(found[0], events)
            self._held = self._held.removeprefix(found[0])
        return True

    def _begin(self, header: re.Match[str], events: list[Event]) -> None:
        """Begin a message with that header."""
        self._turn(is_reasoning=header["channel"] == "analysis")
        self._header = header[0].lstrip()
        if not self._is_reasoning and " to=" in header[0]:
            self._emit(self._header, events)

    def _turn(self, *, is_reasoning: bool) -> None:
        self._is_reasoning, self._length = is_reasoning, 0
        self._needs_gap = is_reasoning in self._had

    def _emit(self, text: str, events: list[Event]) -> None:
        if not text:
            return
        if self._needs_gap:
            self._needs_gap = False
            events.append(self._delta(_GAP))
        self._had.add(self._is_reasoning)
        self._length += len(text)
        events.append(self._delta(text))

    def _delta(self, text: str) -> Event:
        return ReasoningDelta(text, self._choice) if self._is_reasoning else TextDelta(text, self._choice)


def _may_be_header(text: str) -> bool:
    """Return whether the text may grow into a header."""
    if text.startswith("<|start|>"):
        role, token, text = text.removeprefix("<|start|>").partition("<|channel|>")
        if not token:
            return "\n" not in role
        text = token + text
    if not text.startswith("<|channel|>"):
        return any(token.startswith(text) for token in BEGINNINGS)
    name = text.removeprefix("<|channel|>").lstrip()
    return "\n" not in text and any(
        name.startswith(channel) or channel.startswith(name) for channel in _CHANNELS
    )


def _start_of_token(text: str) -> int:
    """Return where a token may begin that the end of the text cuts off, or the length of the text."""
    start = text.rfind("<", max(0, len(text) - len("<|channel|>")))
    end = text[start:]
    is_token = start >= 0 and any(token.startswith(end) for token in (*_ENDS, *BEGINNINGS))
    return start if is_token else len(text)
