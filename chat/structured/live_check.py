"""The check of a live answer, which does its work when a frame is due."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from chat.structured.fence import begin_of
from chat.structured.scanner import Scanner

if TYPE_CHECKING:
    from chat.structured.asked import Format

# Characters for one look. The rest waits for the next one, so that a reader of a long answer who comes late
# does not stop all others.
MOST_AT_ONCE = 64 * 1024
FENCED = "Not JSON as asked: it is inside a code fence."


class LiveCheck:
    """A check that is fed text; its line is read whenever a frame is due, once for all readers.

    ``feed`` only stores.
    """

    def __init__(self, asked: Format) -> None:
        self._asked = asked
        self._fed: deque[str] = deque()
        # The start of the text, until it is known whether a fence begins it.
        self._start = ""
        self._is_fenced = False
        self._scanner: Scanner | None = None

    def feed(self, text: str) -> None:
        self._fed.append(text)

    @property
    def line(self) -> str:
        """The state of the JSON so far, as a sentence; empty before it begins."""
        self._advance()
        scanner = self._scanner
        if scanner is None:
            return ""
        if scanner.problems:
            # A problem of syntax comes after one with the schema, and matters more.
            found = str(scanner.problems[-1])
        elif scanner.is_too_deep:
            found = "The JSON is nested too deeply to be checked."
        else:
            found = "JSON, valid so far" if scanner.has_begun else ""
        return f"{FENCED} {found}".strip() if self._is_fenced else found

    @property
    def has_problem(self) -> bool:
        """Whether the line is about a problem."""
        return self._is_fenced or bool(self._scanner and self._scanner.problems)

    def _advance(self) -> None:
        if not self._fed:
            return
        pieces: list[str] = []
        size = 0
        while self._fed and size < MOST_AT_ONCE:
            pieces.append(self._fed.popleft())
            size += len(pieces[-1])
        text = "".join(pieces)
        if self._scanner is None:
            self._start += text
            begin = begin_of(self._start)
            if begin is None:
                return
            self._is_fenced = begin > 0
            lines = self._start.count("\n", 0, begin)
            self._scanner = Scanner(self._asked.schema, is_fenced=self._is_fenced, lines=lines)
            text, self._start = self._start[begin:], ""
        self._scanner.feed(text)
