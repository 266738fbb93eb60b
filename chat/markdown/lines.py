"""The clues in single lines about the blocks around them.

This is a scanner, not a parser. If it errs, text stays in one block for longer, or looks different
until the answer is complete.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from chat.markdown.scripts import looks_like_formula

_LIST_MARKER = re.compile(r"(?P<indent> {0,3})(?P<marker>[-+*]|(?P<number>\d{1,9})[.)])(?P<space>[ \t]+|$)")
_FENCE = re.compile(r"(?P<indent> {0,3})(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,})$")
_QUOTE = re.compile(r" {0,3}>")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
_DELIMITERS = re.compile(r" {0,3}[-|:](?:[-|:]|(?<!-)[ \t])[-|: \t]*$")


_FORMULA_PAIRS = {"$$": "$$", "\\[": "\\]"}


class Marker(NamedTuple):
    """The start of a list item."""

    # Markers of one kind make one list: the bullet itself, or the sign after the number.
    kind: str
    number: int
    # The column at which the text of the item stands.
    content: int
    is_empty: bool

    @property
    def may_interrupt(self) -> bool:
        """Whether it may start a list directly after a line of a paragraph."""
        return not self.is_empty and (self.kind in "-+*" or self.number == 1)


class Fence(NamedTuple):
    """The line that opens a block of code."""

    indent: int
    character: str
    size: int
    info: str


def is_blank(line: str) -> bool:
    return not line.strip(" \t")


def indent_of(line: str) -> int:
    text = line.lstrip(" ")
    if text.startswith("\t"):
        line = line.expandtabs(4)
        text = line.lstrip(" ")
    return len(line) - len(text)


def marker_of(line: str) -> Marker | None:
    found = _LIST_MARKER.match(line)
    if found is None or is_rule(line):
        return None
    before = found.end("marker")
    width = len(line[: found.end()].expandtabs(4)) - before
    is_empty = found.end() == len(line)
    if is_empty or width > 4:
        width = 1
    return Marker(found["marker"][-1], int(found["number"] or 0), before + width, is_empty)


def fence_of(line: str) -> Fence | None:
    found = _FENCE.match(line)
    if found is None:
        return None
    fence = found["fence"]
    return Fence(len(found["indent"]), fence[0], len(fence), found["info"].strip())


def closes(line: str, fence: Fence) -> bool:
    text = line.strip(" \t")
    return len(text) >= fence.size and indent_of(line) < 4 and not text.strip(fence.character)


def is_heading(line: str) -> bool:
    return _HEADING.match(line) is not None


def is_rule(line: str) -> bool:
    return _RULE.match(line) is not None


def is_quote(line: str) -> bool:
    return _QUOTE.match(line) is not None


def is_underline(line: str) -> bool:
    """Return whether the line makes the paragraph above it a heading."""
    return _UNDERLINE.match(line) is not None


def is_delimiters(line: str) -> bool:
    """Return whether the line may be the second of a table: dashes, colons and bars."""
    return _DELIMITERS.match(line) is not None


def formula_of(line: str) -> str:
    """Return ``$$`` or ``\\[`` if the line starts a formula of its own, else nothing."""
    text = line.lstrip(" ")
    closing = _FORMULA_PAIRS.get(text[:2])
    if closing is None or len(line) - len(text) > 3:
        return ""
    inside = text[2:].rstrip()
    # A formula that is closed before the end of the line is inside a paragraph.
    if closing in inside.removesuffix(closing):
        return ""
    # Brackets around prose are escaped, not the signs of a formula.
    is_prose = inside.endswith("\\]") and not looks_like_formula(inside[:-2], is_alone=True)
    return "" if is_prose else text[:2]


def closes_formula(line: str, opening: str, *, is_first: bool) -> bool:
    text = line.strip()
    return text.endswith(_FORMULA_PAIRS[opening]) and not (is_first and len(text) < 4)


def interrupts(line: str) -> bool:
    """Return whether the line starts another block anywhere but inside code."""
    return fence_of(line) is not None or is_heading(line) or bool(formula_of(line))
