"""The objects of a JSON file, one after the other: those of its array, or of its lines.

The file is never read as a whole. The scanner only finds where an object ends; ``json`` reads it then.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from chat.exceptions import ImportRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 1024 * 1024
# The longest object. Its parsed form takes several times as much memory.
MOST_BYTES = 64 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_BLANKS = re.compile(rb"[ \t\r\n]*")
_COMMAS = re.compile(rb"[ \t\r\n,]*")
# A whole string, a bracket, or the quotation mark of a string that goes on in the next piece.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]|"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Element:
    """The bytes of an object, and the line and column where it begins, counted from 1."""

    content: bytes
    line: int
    column: int

    def parsed(self) -> Any:
        """
        :raises ImportRefused: it is not JSON; the message names the place in the file.
        """
        try:
            return json.loads(self.content.decode())
        except UnicodeDecodeError as error:
            raise ImportRefused(f"It is not UTF-8 text, from line {self.line} on.") from error
        except json.JSONDecodeError as error:
            line = self.line + error.lineno - 1
            column = error.colno + (self.column - 1 if error.lineno == 1 else 0)
            raise ImportRefused(f"It is not valid JSON: line {line:,}, column {column:,}.") from error
        except (RecursionError, ValueError) as error:
            raise ImportRefused(f"Line {self.line:,} is nested too deeply or has a long number.") from error


def elements(file: IO[bytes]) -> Iterator[Element]:
    """Yield the objects of the array that the file contains, or those of a file without an array.

    :raises ImportRefused: something else than objects is in it, or it ends too early.
    """
    return _Scanner(file).elements()


class _Scanner:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._buffer = b""
        # The position in the buffer, and its place in the file.
        self._start = 0
        self._line = self._column = 1

    def elements(self) -> Iterator[Element]:
        self._read()
        if self._buffer.startswith(_BOM):
            self._start = len(_BOM)
        self._skip(_BLANKS)
        if not self._mark:
            raise ImportRefused("The file is empty.")
        if self._mark != b"[":
            yield from self._on_lines()
            return
        self._pass(self._start + 1)
        while self._skip(_COMMAS) != b"]":
            if not self._mark:
                raise self._wrong("The file ends in the middle of its list.")
            yield self._element()
        self._pass(self._start + 1)
        if self._skip(_BLANKS):
            raise self._wrong("Nothing may follow the list.")

    def _on_lines(self) -> Iterator[Element]:
        """Yield objects that follow each other without a list around them."""
        while self._skip(_BLANKS):
            yield self._element()

    @property
    def _mark(self) -> bytes:
        return self._buffer[self._start : self._start + 1]

    def _element(self) -> Element:
        if self._mark != b"{":
            raise self._wrong("A conversation was expected there, as a JSON object.")
        line, column = self._line, self._column
        end = self._end()
        element = Element(self._buffer[self._start : end], line, column)
        self._pass(end)
        return element

    def _end(self) -> int:
        """Return the position behind the object that begins here."""
        depth = 0
        at = self._start
        while True:
            for token in _TOKEN.finditer(self._buffer, at):
                mark = token.group()
                if mark == b'"':
                    # The rest of the string is not read yet.
                    at = token.start()
                    break
                at = token.end()
                if mark in b"{[":
                    depth += 1
                elif mark in b"}]":
                    depth -= 1
                    if not depth:
                        return at
            if len(self._buffer) - self._start > MOST_BYTES:
                most = MOST_BYTES // 1024 // 1024
                raise self._wrong(f"The conversation there has more than {most} MB.")
            at -= self._start
            if not self._read():
                raise self._wrong("The file ends in the middle of the object that begins there.")

    def _read(self) -> bool:
        """Read on, and forget what lies before the position, which is 0 then."""
        piece = self._file.read(PIECE)
        self._buffer = self._buffer[self._start :] + piece
        self._start = 0
        return bool(piece)

    def _skip(self, blanks: re.Pattern[bytes]) -> bytes:
        """Pass over what stands between objects, and return the mark behind it; empty at the end."""
        while True:
            found = blanks.match(self._buffer, self._start)
            self._pass(found.end() if found else self._start)
            if self._mark or not self._read():
                return self._mark

    def _pass(self, end: int) -> None:
        gone = self._buffer[self._start : end]
        self._start = end
        lines = gone.count(b"\n")
        last = gone[gone.rfind(b"\n") + 1 :]
        # Columns count characters, as editors do.
        width = len(last.decode(errors="replace"))
        self._line += lines
        self._column = width + 1 if lines else self._column + width

    def _wrong(self, reason: str) -> ImportRefused:
        return ImportRefused(f"It is not valid JSON: line {self._line:,}, column {self._column:,}. {reason}")
