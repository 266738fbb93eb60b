"""Text that people wrote, parsed as numbers, strings and JSON. Every error is a sentence."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from playground.exceptions import PlaygroundError

MAX_TEXT = 400_000
MAX_NUMBER = 400
# Far beyond real values and far below what the interpreter's stack takes.
MAX_JSON_DEPTH = 60
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)


class EntryError(PlaygroundError, ValueError):
    """The text cannot be parsed; the message is the sentence to show at the control."""


def parse_number(text: str, *, is_integer: bool) -> int | float:
    text = text.strip()
    expected = "Must be a whole number." if is_integer else "Must be a number."
    if len(text) > MAX_NUMBER or not _NUMBER.fullmatch(text):
        raise EntryError(expected)
    if _WHOLE.fullmatch(text):
        return int(text)
    number = float(text)
    if not math.isfinite(number):
        raise EntryError("Is too large.")
    if is_integer:
        if not number.is_integer():
            raise EntryError(expected)
        return int(number)
    return number


def parse_text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise EntryError(f"Must have at most {MAX_TEXT:,} characters.")
    _refuse_unstorable(text)
    return text


def parse_json(text: str) -> Any:
    value = _loaded(text)
    _walk(value, depth=0)
    return value


def parse_object(text: str, *, deepest: int) -> dict[str, Any]:
    """Read an object of which no part has a name twice, nested to a depth of at most ``deepest``."""
    value = _loaded(text, _without_duplicates)
    if not isinstance(value, dict):
        raise EntryError("Must be a JSON object, in braces.")
    _walk(value, depth=MAX_JSON_DEPTH - deepest)
    return value


def _loaded(text: str, pairs: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    if len(text) > MAX_TEXT:
        raise EntryError(f"Must have at most {MAX_TEXT:,} characters.")
    try:
        return json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_whole if pairs else None,
            object_pairs_hook=pairs,
        )
    except json.JSONDecodeError as error:
        raise EntryError(f"Not valid JSON: line {error.lineno}, column {error.colno}.") from error
    except (RecursionError, ValueError) as error:
        if isinstance(error, EntryError):
            raise
        raise EntryError("Not valid JSON: nested too deeply, or a number too long.") from error


def _walk(value: Any, depth: int) -> None:
    if depth > MAX_JSON_DEPTH:
        raise EntryError("Nested too deeply.")
    if isinstance(value, str):
        _refuse_unstorable(value)
    elif isinstance(value, list):
        for item in value:
            _walk(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_unstorable(key)
            _walk(item, depth + 1)


def _refuse_unstorable(text: str) -> None:
    # PostgreSQL stores no NUL, and half a surrogate pair is not text that can be sent.
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise EntryError("Contains a character that cannot be sent.")


def _refuse_constant(name: str) -> Any:
    raise EntryError(f"Not valid JSON: {name} is not a JSON number.")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise EntryError(f"“{twice[:80]}” appears twice.")
    return found


def _whole(text: str) -> int:
    if len(text) > MAX_NUMBER:
        raise EntryError("Contains a number that is too large.")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise EntryError("Contains a number that is too large.")
    return number
