"""Text that people wrote, parsed as numbers, strings and JSON. Every error is a sentence."""

from __future__ import annotations

import json
import math
import re
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
    if len(text) > MAX_TEXT:
        raise EntryError(f"Must have at most {MAX_TEXT:,} characters.")
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise EntryError(f"Not valid JSON: line {error.lineno}, column {error.colno}.") from error
    except (RecursionError, ValueError) as error:
        if isinstance(error, EntryError):
            raise
        raise EntryError("Not valid JSON: nested too deeply, or a number too long.") from error
    _walk(value, depth=0)
    return value


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


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise EntryError("Contains a number that is too large.")
    return number
