"""The bounds of a parameter as the text beside its name, such as "0 – 2" or "up to 4"."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from playground.parameters.schema.translate import Schema


def shown(number: float) -> str:
    """Write a number for people.

    >>> shown(32768), shown(0.01), shown(-2.0)
    ('32,768', '0.01', '−2')
    """
    if isinstance(number, int):
        # Integers of 64 bits are written in full. Floats lose digits earlier.
        text = f"{number:,}" if abs(number) < 10**20 else f"{Decimal(number):.3g}"
    else:
        text = f"{int(number):,}" if number.is_integer() and abs(number) < 1e15 else f"{number:g}"
    return text.replace("-", "−")


@dataclass(frozen=True, slots=True)
class Range:
    """The range of numbers that a schema accepts. A range of integers includes its ends."""

    lowest: float | None
    highest: float | None
    is_above: bool = False
    is_below: bool = False

    @property
    def text(self) -> str:
        if self.lowest is not None and self.highest is not None:
            low = f"> {shown(self.lowest)}" if self.is_above else shown(self.lowest)
            high = f"< {shown(self.highest)}" if self.is_below else shown(self.highest)
            return f"{low} – {high}"
        if self.lowest is not None:
            return f"{'>' if self.is_above else '≥'} {shown(self.lowest)}"
        if self.highest is not None:
            return f"{'<' if self.is_below else '≤'} {shown(self.highest)}"
        return ""


def number_range(schema: Schema, *, is_integer: bool) -> Range:
    """Return the range that inclusive and exclusive bounds leave together.

    >>> number_range({"minimum": 0, "exclusiveMinimum": 0, "maximum": 2}, is_integer=False).text
    '> 0 – 2'
    >>> number_range({"exclusiveMinimum": 0, "maximum": 9.5}, is_integer=True).text
    '1 – 9'
    """
    lowest, is_above = schema.get("minimum"), False
    highest, is_below = schema.get("maximum"), False
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if above is not None and (lowest is None or above >= lowest):
        lowest, is_above = above, True
    if below is not None and (highest is None or below <= highest):
        highest, is_below = below, True
    if not is_integer:
        return Range(lowest, highest, is_above, is_below)
    if lowest is not None:
        lowest = math.floor(lowest) + 1 if is_above else math.ceil(lowest)
    if highest is not None:
        highest = math.ceil(highest) - 1 if is_below else math.floor(highest)
    return Range(lowest, highest)


def number_bounds(schema: Schema, *, is_integer: bool) -> str:
    """Describe range and step.

    >>> number_bounds({"minimum": 0, "maximum": 2}, is_integer=False)
    '0 – 2'
    >>> number_bounds({"minimum": 1}, is_integer=True)
    'integer ≥ 1'
    >>> number_bounds({"multipleOf": 64}, is_integer=True)
    'integer, steps of 64'
    """
    span = number_range(schema, is_integer=is_integer)
    text = span.text
    if span.lowest is None or span.highest is None:
        text = f"{'integer' if is_integer else 'number'} {text}".strip()
    step = schema.get("multipleOf")
    return f"{text}, steps of {shown(step)}" if step is not None and not (is_integer and step == 1) else text


_FORMATS = {
    "date-time": "date and time, as 2026-01-31T12:00:00Z",
    "email": "email address",
    "uri": "URL",
    "url": "URL",
    "uuid": "UUID",
    "ip": "IP address",
    "ipv4": "IP address",
    "ipv6": "IPv6 address",
    "byte": "base64",
    "regex": "regular expression",
}


def text_bounds(schema: Schema) -> str:
    """Describe the length, the pattern or the format of a text.

    >>> text_bounds({"minLength": 2, "maxLength": 64}), text_bounds({"format": "uri"})
    ('2 – 64 characters', 'URL')
    """
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    if longest is not None:
        if shortest == longest:
            return f"{shown(longest)} characters"
        return f"{shown(shortest)} – {shown(longest)} characters" if shortest > 1 else (
            f"up to {shown(longest)} characters"
        )  # fmt: skip
    if shortest > 1:
        return f"at least {shown(shortest)} characters"
    if "pattern" in schema:
        return "pattern"
    return _FORMATS.get(schema.get("format", ""), "text")


def list_bounds(schema: Schema) -> str:
    """Describe the number of entries.

    >>> list_bounds({"maxItems": 4}), list_bounds({"minItems": 2, "maxItems": 2}), list_bounds({})
    ('up to 4', '2 entries', 'list')
    """
    fewest, most = schema.get("minItems", 0), schema.get("maxItems")
    if most is not None:
        if fewest == most:
            return f"{shown(most)} entries" if most != 1 else "1 entry"
        return f"{shown(fewest)} – {shown(most)}" if fewest > 1 else f"up to {shown(most)}"
    return f"at least {shown(fewest)}" if fewest else "list"
