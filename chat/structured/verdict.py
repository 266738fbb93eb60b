"""The check of a whole answer against the whole schema."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from chat.structured.fence import begin_of
from chat.structured.live_check import FENCED
from chat.structured.problems import pointer_to, printable
from chat.structured.scanner import Scanner
from playground.parameters.schema.validation import UNKNOWN, Validator, find_errors

if TYPE_CHECKING:
    from chat.structured.asked import Format

# A longer list helps nobody, and an answer may break its schema a hundred thousand times.
MOST_ERRORS = 20
# An escaped surrogate, which may lack its other half.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_BLANK = re.compile(r"[ \t\r\n]*")
# Python refuses to read longer whole numbers.
_LONGEST_INTEGER = 400


@dataclass(frozen=True, slots=True)
class SchemaError:
    """An error with the schema, and the pointer to the value that has it."""

    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result for a whole answer. ``problem`` is that of syntax; it is empty if the text is JSON."""

    headline: str
    problem: str = ""
    errors: tuple[SchemaError, ...] = ()
    has_more_errors: bool = False
    is_valid: bool = False
    # Whether there is a value to show as a tree.
    is_json: bool = False


def verdict_on(text: str, asked: Format) -> Verdict:
    """Check a whole answer with the format that its request asked for."""
    fenced = f"{FENCED} " if begin_of(text) else ""
    try:
        value = value_of(text)
    except RecursionError:
        return Verdict(f"{fenced}The JSON is nested too deeply to be checked")
    except ValueError:
        return Verdict(f"{fenced}Not valid JSON", _problem_of(text, asked))
    validator = Validator(dict(asked.schema))
    found = list(islice(find_errors(validator, value), MOST_ERRORS + 1))
    errors = tuple(_error(path, message) for path, message in found[:MOST_ERRORS])
    has_more = len(found) > MOST_ERRORS
    if errors:
        count = f"More than {MOST_ERRORS} errors" if has_more else _count(len(errors))
        return Verdict(f"{fenced}{count}{_against(asked)}", "", errors, has_more, is_json=True)
    if asked.has_schema and not validator.is_sound:
        return Verdict(f"{fenced}JSON. The schema{_named(asked)} could not be used to check it", is_json=True)
    valid = f"Valid against the schema{_named(asked)}" if asked.has_schema else "Valid JSON"
    return Verdict(f"{fenced}{valid}", is_valid=not fenced, is_json=True)


def value_of(text: str) -> Any:
    """Return the value of a text in JSON, which may be in a fence.

    :raises ValueError: it is no JSON.
    :raises RecursionError: it is nested too deeply.
    """
    begin = begin_of(text) or 0
    value, end = _decoder.raw_decode(text, _skipped(text, begin))
    end = _skipped(text, end)
    if end < len(text) and not (begin and text[end] == "`"):
        raise ValueError("More follows after the value.")
    return _printable(value) if _SURROGATE.search(text) else value


def _printable(value: Any) -> Any:
    """Replace lone surrogates in a value: neither a validator nor a page can have them."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _problem_of(text: str, asked: Format) -> str:
    """Return the place and the problem of a text that is no JSON. The scanner is slower, and names both."""
    begin = begin_of(text) or 0
    scanner = Scanner(asked.schema, is_fenced=begin > 0, lines=text.count("\n", 0, begin))
    scanner.feed(text[begin:])
    scanner.finish()
    return next((str(problem) for problem in scanner.problems if problem.is_syntax), "")


def _skipped(text: str, start: int) -> int:
    blank = _BLANK.match(text, start)
    return blank.end() if blank else start


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON.")


# Python reads NaN and Infinity unless it is told otherwise.
_decoder = json.JSONDecoder(parse_int=_integer, parse_constant=_refuse)


def _error(path: tuple[str | int, ...], message: str) -> SchemaError:
    # This message is worded for parameters.
    said = "The schema has no such property." if message == UNKNOWN else message
    return SchemaError(printable("".join(pointer_to(str(step)) for step in path)), printable(said))


def _count(number: int) -> str:
    return "1 error" if number == 1 else f"{number} errors"


def _against(asked: Format) -> str:
    return f" against the schema{_named(asked)}" if asked.has_schema else ""


def _named(asked: Format) -> str:
    return f" “{asked.name}”" if asked.name else ""
