"""Problems of a JSON text, in words for people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_NAME = 80
_MOST_VALUES = 6
_NAMES = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem at a place of the text. ``line`` and ``column`` count from 1."""

    line: int
    column: int
    message: str
    # Whether the text is no JSON at all, so that nothing after the place can be read.
    is_syntax: bool = False

    def __str__(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.message}"


def at(path: Iterable[str | int]) -> str:
    """Name a place in a value as a JSON pointer.

    >>> at(["items", 2, "a/b"]), at([])
    ('at /items/2/a~1b', 'at the top')
    """
    pointer = "".join(pointer_to(shown(str(step))) for step in path)
    return f"at {pointer}" if pointer else "at the top"


def pointer_to(name: str) -> str:
    """Write a step of a JSON pointer (RFC 6901)."""
    return f"/{name.replace('~', '~0').replace('/', '~1')}"


def any_of(types: Iterable[str]) -> str:
    """
    >>> any_of({"null", "string"})
    'a text or null'
    """
    return " or ".join(name for kind, name in _NAMES.items() if kind in types)


def one_of(values: list[Any]) -> str:
    """
    >>> one_of(["a"]), one_of(["a", 2])
    ('"a"', 'one of "a", 2')
    """
    named = [shown(json.dumps(value, ensure_ascii=False)) for value in values[:_MOST_VALUES]]
    listed = ", ".join([*named, *(["…"] if len(values) > _MOST_VALUES else [])])
    return listed if len(values) == 1 else f"one of {listed}"


def printable(text: str) -> str:
    """Replace lone surrogates, which JSON may escape and no page can have, by question marks."""
    return text.encode("utf-8", "replace").decode()


def shown(text: str) -> str:
    """Shorten a text for a sentence."""
    text = printable(text)
    return text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…"
