"""Literals of JavaScript in a pasted program. Nothing is executed."""

from __future__ import annotations

import json
import re
from typing import Any

from playground.code.reading.file_marks import mark
from playground.code.reading.javascript_tokens import Token, number_of, tokens_of, unescaped
from playground.code.reading.paste import COMPUTED, PasteRefused

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_ENDS = {",", ")", "]", "}", ";"}
_WORDS = {"true": True, "false": False, "null": None}
_INSERTED = re.compile(r"\$\{\s*([A-Za-z_$][\w$]*)\s*\}")
_ESCAPED = re.compile(r"\\.|\$\{[^}]*\}", re.DOTALL)
_DEEPEST = 300


class Computed:
    """A value that the program computes, at a place of the text."""

    def __init__(self, token: Token) -> None:
        self.position = token.position


class Undefined:
    """The value of a property that is not sent."""


class JavaScriptValues:
    """Reads the value that begins at a token. ``assigned`` has the place where a variable's value begins."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [*tokens_of(text), Token("end", "", len(text))]
        self.assigned = self._assignments()
        self._open: set[str] = set()
        self._depth = 0
        self.at = 0

    def value_at(self, place: int) -> Any:
        """Return the value at a token, with :class:`Computed` where the program computes one."""
        before, self.at = self.at, place
        try:
            return self._value()
        finally:
            self.at = before

    def sent(self, value: Any) -> Any:
        """Return a value as JSON has it.

        :raises PasteRefused: the program computes a part of it.
        """
        if isinstance(value, Computed):
            raise self.refused(COMPUTED, value.position)
        if isinstance(value, dict):
            return {name: self.sent(each) for name, each in value.items() if not isinstance(each, Undefined)}
        if isinstance(value, list):
            return [self.sent(each) for each in value]
        return None if isinstance(value, Undefined) else value

    def refused(self, message: str, position: int) -> PasteRefused:
        line = self.text.count("\n", 0, position) + 1
        return PasteRefused(message, line, position - (self.text.rfind("\n", 0, position) + 1) + 1)

    def skip(self, place: int) -> int:
        """Return the place after the expression at ``place``: that of a comma, a bracket or a semicolon."""
        closers = list[str]()
        while (token := self.tokens[place]).kind != "end":
            if token.kind == "mark":
                if not closers and token.text in _ENDS:
                    break
                if token.text in _PAIRS:
                    closers.append(_PAIRS[token.text])
                elif closers and token.text == closers[-1]:
                    closers.pop()
            place += 1
        return place

    def _assignments(self) -> dict[str, int]:
        found = dict[str, int]()
        for place in range(1, len(self.tokens) - 1):
            is_assigned = self.tokens[place].text == "=" and self.tokens[place].kind == "mark"
            if is_assigned and self.tokens[place - 1].kind == "name":
                found.setdefault(self.tokens[place - 1].text, place + 1)
        return found

    def _take(self) -> Token:
        token = self.tokens[self.at]
        self.at += token.kind != "end"
        return token

    def _is(self, text: str, ahead: int = 0) -> bool:
        token = self.tokens[min(self.at + ahead, len(self.tokens) - 1)]
        return token.kind in ("mark", "name") and token.text == text

    def _value(self) -> Any:
        start = self.tokens[self.at]
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                raise self.refused("The values are nested too deeply.", start.position)
            value = self._primary()
            while self._is("+") and isinstance(value, str):
                self.at += 1
                added = self._primary()
                value = value + added if isinstance(added, str) else Computed(start)
        finally:
            self._depth -= 1
        end = self.tokens[self.at]
        # A statement may end with its line. A mark goes on with the expression.
        if end.kind != "mark" or end.text in _ENDS:
            return value
        self.at = self.skip(self.at)
        return Computed(start)

    def _primary(self) -> Any:
        token = self._take()
        if token.kind == "string":
            return unescaped(token.text[1:-1])
        if token.kind == "template":
            return self._template(token)
        if token.kind == "number":
            return self._number(token)
        if token.kind == "name":
            return self._name(token)
        if token.text == "-" and self.tokens[self.at].kind == "number":
            return -self._number(self._take())
        if token.text == "{":
            return self._object()
        if token.text == "[":
            return self._array()
        self.at = self.skip(self.at - 1)
        return Computed(token)

    def _number(self, token: Token) -> int | float:
        try:
            return number_of(token.text)
        except ValueError:
            raise self.refused("This is not a number that can be read.", token.position) from None

    def _template(self, token: Token) -> Any:
        inside = token.text[1:-1].replace("\r\n", "\n")
        parts, start = list[str](), 0
        for found in _ESCAPED.finditer(inside):
            if found[0][0] == "\\":
                continue
            inserted = _INSERTED.fullmatch(found[0])
            value = self._variable(inserted[1], token) if inserted else Computed(token)
            if not isinstance(value, str):
                return Computed(token)
            parts += [unescaped(inside[start : found.start()]), value]
            start = found.end()
        return "".join([*parts, unescaped(inside[start:])])

    def _name(self, token: Token) -> Any:
        if token.text in _WORDS:
            return _WORDS[token.text]
        if token.text == "undefined":
            return Undefined()
        if token.text == "await":
            return self._primary()
        start = self.at - 1
        end = self.skip(start)
        if (file := self._file(start, end)) is not None:
            self.at = end
            return mark(file)
        if token.text == "JSON" and self._is(".") and self._is("stringify", 1) and self._is("(", 2):
            value = self.value_at(self.at + 3)
            self.at = end
            return value if isinstance(value, Computed) else json.dumps(self.sent(value))
        if self._is(".") or self._is("(") or self._is("["):
            self.at = end
            return Computed(token)
        return self._variable(token.text, token)

    def _variable(self, name: str, token: Token) -> Any:
        if name not in self.assigned or name in self._open:
            return Computed(token)
        self._open.add(name)
        try:
            return self.value_at(self.assigned[name])
        finally:
            self._open.discard(name)

    def _file(self, start: int, end: int) -> str | None:
        """Return the name of the file that an expression reads as base64; None for other expressions."""
        tokens = self.tokens[start : min(end, start + 40)]
        if not any(token.text in ("readFile", "readFileSync") for token in tokens):
            return None
        texts = [unescaped(token.text[1:-1]) for token in tokens if token.kind == "string"]
        return texts[0] if texts and "base64" in texts[1:] else None

    def _object(self) -> Any:
        found = dict[str, Any]()
        while not self._is("}"):
            if self.tokens[self.at].kind == "end":
                raise self.refused("The end of this object is missing.", self.tokens[self.at].position)
            if self._is("..."):
                self.at += 1
                spread = self._value()
                if not isinstance(spread, dict):
                    return self._rest_of_object(spread)
                found |= spread
            else:
                name = self._key()
                found[name] = self._property(name)
            if not self._is(","):
                break
            self.at += 1
        if not self._is("}"):
            raise self.refused("A comma or } is missing here.", self.tokens[self.at].position)
        self.at += 1
        return found

    def _rest_of_object(self, spread: Any) -> Any:
        while not self._is("}") and self.tokens[self.at].kind != "end":
            self.at = self.skip(self.at) if not self._is(",") else self.at + 1
        self.at += 1
        return spread if isinstance(spread, Computed) else Computed(self.tokens[self.at - 1])

    def _key(self) -> str:
        token = self._take()
        if token.kind == "name":
            return token.text
        if token.kind == "string":
            return unescaped(token.text[1:-1])
        if token.kind == "number":
            return str(self._number(token))
        if token.text == "[":
            name = self._value()
            self.at += self._is("]")
            if isinstance(name, str):
                return name
        raise self.refused("The name of a property is expected here.", token.position)

    def _property(self, name: str) -> Any:
        token = self.tokens[self.at]
        if self._is(":"):
            self.at += 1
            return self._value()
        if self._is(",") or self._is("}"):
            return self._variable(name, self.tokens[self.at - 1])
        # A method of the object.
        self.at = self.skip(self.at)
        return Computed(token)

    def _array(self) -> Any:
        found = list[Any]()
        while not self._is("]"):
            if self.tokens[self.at].kind == "end":
                raise self.refused("The end of this list is missing.", self.tokens[self.at].position)
            if self._is("..."):
                self.at += 1
                spread = self._value()
                found += spread if isinstance(spread, list) else [Computed(self.tokens[self.at - 1])]
            else:
                found.append(self._value())
            if not self._is(","):
                break
            self.at += 1
        if not self._is("]"):
            raise self.refused("A comma or ] is missing here.", self.tokens[self.at].position)
        self.at += 1
        return found
