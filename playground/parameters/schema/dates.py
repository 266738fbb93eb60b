"""Strings that are dates: the format that a schema asks for, converted from and to that of date inputs."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache

from playground.parameters.schema.translate import Schema
from playground.parameters.schema.validation import validator_for

ISO = "%Y-%m-%d"
_FORMATS = (
    "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d",
    "%m-%d-%Y", "%d-%m-%Y", ISO,
    "%m.%d.%Y", "%d.%m.%Y", "%Y.%m.%d",
)  # fmt: skip
# Days that tell the formats apart: ends of the year, of short and of long months.
_DAYS = (date(2024, 1, 31), date(2024, 2, 29), date(1999, 12, 25), date(2025, 10, 13), date(2031, 7, 30))
# A pattern that accepts one of these is not a pattern for dates.
_OTHERS = (
    "",
    "a",
    "x/y/z",
    "99/99/9999",
    "9999-99-99",
    "99.99.9999",
    "99-99-9999",
    "9999/99/99",
    "9999.99.99",
)
_INPUT = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def date_format(schema: Schema) -> str:
    """Return the format for ``strftime``, empty if the schema asks for no date or allows two formats.

    >>> date_format({"format": "date"}), date_format({"pattern": r"^\\d+/\\d+/\\d+$"})
    ('%Y-%m-%d', '')
    """
    if "pattern" in schema:
        return _of_pattern(schema["pattern"])
    return ISO if schema.get("format") == "date" else ""


@lru_cache(maxsize=256)
def _of_pattern(pattern: str) -> str:
    validator = validator_for({"pattern": pattern})
    if any(validator.is_valid(text) for text in _OTHERS):
        return ""
    fitting = [form for form in _FORMATS if all(validator.is_valid(day.strftime(form)) for day in _DAYS)]
    return fitting[0] if len(fitting) == 1 else ""


def example(form: str) -> str:
    """Write the same day in any format, for messages.

    >>> example("%m/%d/%Y")
    '01/31/2026'
    """
    return _written(date(2026, 1, 31), form)


def to_input(text: str, form: str) -> str:
    """Convert a text for a date input; return it unchanged if converting back would alter it.

    >>> to_input("01/31/2024", "%m/%d/%Y"), to_input("1/31/2024", "%m/%d/%Y")
    ('2024-01-31', '1/31/2024')
    """
    try:
        day = datetime.strptime(text, form).date()
    except ValueError:
        return text
    return day.isoformat() if _written(day, form) == text else text


def from_input(text: str, form: str) -> str:
    """Convert the text of a date input; return it unchanged if it is no date.

    >>> from_input("2024-01-31", "%m/%d/%Y"), from_input("someday", "%m/%d/%Y")
    ('01/31/2024', 'someday')
    """
    if not _INPUT.fullmatch(text):
        return text
    try:
        return _written(date.fromisoformat(text), form)
    except ValueError:
        return text


def is_input(text: str) -> bool:
    """Tell whether a date input can show the text."""
    try:
        return bool(_INPUT.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _written(day: date, form: str) -> str:
    # On some platforms strftime does not pad the years before 1000.
    return day.strftime(form.replace("%Y", f"{day.year:04d}"))
