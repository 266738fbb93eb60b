"""A JSON text that is read piece by piece, and compared with a schema as far as that is certain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chat.structured.escapes import unescaped
from chat.structured.expected import EXACT, NOTHING, Expectations, Expected, is_among
from chat.structured.problems import Problem, any_of, at, one_of, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

# Deeper values are not checked: what reads them afterwards calls itself at each level.
DEEPEST = 200
_TOKEN = re.compile(
    r'[ \t\r\n]*(?:"([^"\\\x00-\x1f]*)(")?|([{\[])|([}\]])|([:,])|([-+.0-9A-Za-z]+)|([^ \t\r\n]))'
)
_TEXT = re.compile(r'[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*')
_PART_OF_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?\Z")
_SCALAR = re.compile(r"[-+.0-9A-Za-z]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BLANK = re.compile(r"[ \t\r\n]*")
_WORDS = {"true": True, "false": False, "null": None}

# A line and a column, counted from 1.
_Place = tuple[int, int]

# The kinds of tokens that may come next.
_VALUE, _FIRST_VALUE, _KEY, _FIRST_KEY, _COLON, _NEXT, _END = range(7)
_WANTED = {
    _VALUE: "expected a value",
    _FIRST_VALUE: "expected a value or ]",
    _KEY: "expected the name of a property in quotes",
    _FIRST_KEY: "expected the name of a property in quotes, or }",
    _COLON: "expected a colon",
    _END: "expected nothing more after the value",
}

_TOO_EARLY = "the JSON ends too early"


class _Container:
    """An open object or list: the place in it, and what is expected of it."""

    __slots__ = ("expected", "index", "is_object", "name", "seen")

    def __init__(self, expected: Expected, *, is_object: bool) -> None:
        self.expected = expected
        self.is_object = is_object
        self.name = ""
        self.index = 0
        self.seen: set[str] | None = set() if is_object and expected.required else None

    @property
    def place(self) -> str | int:
        return self.name if self.is_object else self.index


class Scanner:
    """A reader of JSON that never reads a character twice. It stops at the first problem of syntax.

    ``problems`` are at most two: the first one with the schema, and one of syntax.
    """

    def __init__(self, schema: Mapping[str, Any], *, is_fenced: bool = False, lines: int = 0) -> None:
        """Make a reader; ``lines`` are above the text, and after a fenced one comes the end of its fence."""
        self._is_fenced = is_fenced
        self._expectations = Expectations(schema)
        self._expected = self._expectations.root
        self._stack: list[_Container] = []
        self._wants = _VALUE
        self._scalar = ""
        # The string that is being read, in parts.
        self._string: list[str] = []
        self._is_in_string = False
        self._held = ""
        # Line breaks before the current piece, and the characters of the last line before it.
        self._lines = lines
        self._column = 0
        self._piece = ""
        # The place of a string or scalar that an earlier piece began.
        self._began_at: _Place = (0, 0)
        self.problems: list[Problem] = []
        self.is_broken = False
        self.is_too_deep = False
        self._has_left_fence = False

    @property
    def is_whole(self) -> bool:
        """Whether the value has ended."""
        return self._wants == _END and not self._scalar

    @property
    def has_begun(self) -> bool:
        return self._wants != _VALUE or bool(self._stack or self._scalar) or self._is_in_string

    def feed(self, text: str) -> None:
        """Read the next piece."""
        if self._has_stopped or not text:
            return
        self._piece = piece = self._held + text
        self._held = ""
        position, end = self._continued(piece), len(piece)
        while position < end and not self._has_stopped:
            position = self._token(piece, position)
        read = piece[: len(piece) - len(self._held)]
        if breaks := read.count("\n"):
            self._lines += breaks
            self._column = len(read) - read.rfind("\n") - 1
        else:
            self._column += len(read)

    def finish(self) -> None:
        """Report what is missing at the end of the text."""
        if self._scalar:
            self._end_scalar(self._began_at)
        if self._has_stopped or self._wants == _END:
            return
        self._break((self._lines + 1, self._column + 1), _TOO_EARLY if self.has_begun else _WANTED[_VALUE])

    def _continued(self, piece: str) -> int:
        """Read the rest of a string or of a scalar that an earlier piece began; return where it ends."""
        if self._is_in_string:
            return self._text(piece, 0, self._began_at)
        if not self._scalar:
            return 0
        rest = _SCALAR.match(piece)
        stop = rest.end() if rest else 0
        self._scalar += piece[:stop]
        if stop < len(piece):
            self._end_scalar(self._began_at)
        return stop

    def _token(self, piece: str, position: int) -> int:
        found = _TOKEN.match(piece, position)
        if found is None:
            # Only blanks are left.
            blank = _BLANK.match(piece, position)
            return blank.end() if blank else len(piece)
        kind, stop = found.lastindex, found.end()
        start = found.start(kind or 0)
        if kind == 2:
            self._end_string(found[1], found.start(1) - 1)
        elif kind == 1:
            return self._begin_string(piece, found.start(1) - 1, stop)
        elif kind == 3:
            self._open(found[3] == "{", start)
        elif kind == 4:
            self._close(found[4] == "}", start)
        elif kind == 5:
            self._separate(found[5], start)
        elif kind == 6:
            if self._wants > _FIRST_VALUE:
                self._unwanted(start)
            self._scalar = found[6]
            if stop < len(piece):
                self._end_scalar(start)
            else:
                self._began_at = self._place(start)
        else:
            self._unwanted(start)
        return stop

    def _begin_string(self, piece: str, start: int, stop: int) -> int:
        if self._wants in (_COLON, _NEXT, _END):
            self._unwanted(start)
            return stop
        self._string = [piece[start + 1 : stop]]
        self._is_in_string = True
        return self._text(piece, stop, start)

    def _text(self, piece: str, position: int, start: int | _Place) -> int:
        """Read on in a string that began at ``start``; return where it ends, or the end of the piece."""
        found = _TEXT.match(piece, position)
        stop = found.end() if found else position
        self._string.append(piece[position:stop])
        if stop < len(piece) and piece[stop] == '"':
            self._is_in_string = False
            self._end_string("".join(self._string), start)
            return stop + 1
        if stop == len(piece) or _PART_OF_ESCAPE.match(piece, stop):
            self._held = piece[stop:]
            self._began_at = self._place(start)
            return len(piece)
        self._break(
            stop,
            "a backslash in a text needs a known letter after it"
            if piece[stop] == "\\"
            else "a text cannot have a line break or another control character",
        )
        return len(piece)

    def _end_string(self, raw: str, start: int | _Place) -> None:
        wants = self._wants
        if wants <= _FIRST_VALUE:
            if self._expected is not NOTHING:
                values = self._expected.values
                self._compare("string", unescaped(raw) if values is not None else raw, start)
            self._after_value()
        elif wants <= _FIRST_KEY:
            self._name(unescaped(raw) if "\\" in raw else raw, start)
        else:
            self._unwanted(start)

    def _name(self, name: str, start: int | _Place) -> None:
        container = self._stack[-1]
        container.name = name
        expected = container.expected
        if expected is NOTHING:
            self._expected = NOTHING
        else:
            if container.seen is not None:
                container.seen.add(name)
            if expected.is_closed and name not in expected.properties:
                above = [each.place for each in self._stack[:-1]]
                self._note(start, f"unexpected property “{shown(name)}” {at(above)}")
            self._expected = self._expectations.of_property(expected, name)
        self._wants = _COLON

    def _end_scalar(self, start: int | _Place) -> None:
        text, self._scalar = self._scalar, ""
        if self._wants > _FIRST_VALUE:
            return
        if text in _WORDS:
            self._compare("null" if text == "null" else "boolean", _WORDS[text], start)
        elif _NUMBER.fullmatch(text):
            self._compare_number(text, start)
        else:
            self._break(start, f"expected a value, not {shown(text)}")
            return
        self._after_value()

    def _compare_number(self, text: str, start: int | _Place) -> None:
        if self._expected is NOTHING:
            return
        number = float(text)
        self._compare("integer" if number.is_integer() or abs(number) > EXACT else "number", number, start)

    def _compare(self, kind: str, value: Any, start: int | _Place) -> None:
        """Note a value of another type, or with another value, than the schema allows."""
        expected = self._expected
        if expected.types and not (
            kind in expected.types or (kind == "integer" and "number" in expected.types)
        ):
            self._note(start, f"expected {any_of(expected.types)} {self._here()}")
        elif expected.values is not None and not is_among(value, kind, expected.values):
            self._note(start, f"expected {one_of(expected.values)} {self._here()}")

    def _open(self, is_object: bool, start: int) -> None:
        if self._wants > _FIRST_VALUE:
            self._unwanted(start)
            return
        if len(self._stack) >= DEEPEST:
            self.is_too_deep = True
            return
        expected = self._expected
        if expected is not NOTHING:
            self._compare("object" if is_object else "array", None, start)
        self._stack.append(_Container(expected, is_object=is_object))
        if is_object:
            self._wants = _FIRST_KEY
        else:
            self._wants = _FIRST_VALUE
            self._expected = self._expectations.of_item(expected, 0)

    def _close(self, is_object: bool, start: int) -> None:
        may_end = self._wants in (_NEXT, _FIRST_KEY if is_object else _FIRST_VALUE)
        if not may_end or not self._stack or self._stack[-1].is_object is not is_object:
            self._unwanted(start)
            return
        container = self._stack.pop()
        if container.seen is not None:
            missing = next((name for name in container.expected.required if name not in container.seen), None)
            if missing is not None:
                self._note(start, f"missing property “{shown(missing)}” {self._here()}")
        self._after_value()

    def _separate(self, sign: str, start: int) -> None:
        if sign == ":" and self._wants == _COLON:
            self._wants = _VALUE
        elif sign == "," and self._wants == _NEXT:
            container = self._stack[-1]
            if container.is_object:
                self._wants = _KEY
            else:
                container.index += 1
                self._expected = self._expectations.of_item(container.expected, container.index)
                self._wants = _VALUE
        else:
            self._unwanted(start)

    def _after_value(self) -> None:
        self._wants = _NEXT if self._stack else _END

    def _here(self) -> str:
        return at(container.place for container in self._stack)

    def _unwanted(self, start: int | _Place) -> None:
        if self._is_fenced and self._wants == _END and isinstance(start, int) and self._piece[start] == "`":
            self._has_left_fence = True
            return
        wanted = _WANTED.get(self._wants)
        if wanted is None:
            wanted = f"expected a comma or {'}' if self._stack[-1].is_object else ']'}"
        self._break(start, wanted)

    @property
    def _has_stopped(self) -> bool:
        return self.is_broken or self.is_too_deep or self._has_left_fence

    def _break(self, at_: int | _Place, message: str) -> None:
        if not self.is_broken:
            self.is_broken = True
            self.problems.append(Problem(*self._place(at_), message, is_syntax=True))

    def _note(self, at_: int | _Place, message: str) -> None:
        if not self.problems:
            self.problems.append(Problem(*self._place(at_), message))

    def _place(self, at_: int | _Place) -> _Place:
        """Return the line and the column of a position in the piece, counted from 1."""
        if not isinstance(at_, int):
            return at_
        breaks = self._piece.count("\n", 0, at_)
        column = at_ - self._piece.rfind("\n", 0, at_) - 1 if breaks else self._column + at_
        return self._lines + breaks + 1, column + 1
