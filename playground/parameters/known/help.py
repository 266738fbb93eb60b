"""Parameters known by name: their group, help text and neutral value."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().with_name("parameters.json")
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Group:
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class KnownParameter:
    help: str = ""
    group: str = OTHER
    # The value that changes nothing. A slider shows it while nothing is sent.
    neutral: float | None = None


GROUPS = (
    Group("sampling", "Sampling"),
    Group("length", "Length and stopping"),
    Group("reasoning", "Reasoning"),
    Group("output", "Output"),
    Group("tools", "Tools"),
    Group("search", "Search"),
    Group("vendor", "Vendor's own"),
    Group(OTHER, "Other"),
)


@cache
def _known() -> dict[str, KnownParameter]:
    return {name: KnownParameter(**entry) for name, entry in json.loads(FILE.read_text("utf-8")).items()}


@cache
def _order() -> dict[str, int]:
    return {name: position for position, name in enumerate(_known())}


def known_parameter(name: str) -> KnownParameter:
    return _known().get(name, KnownParameter())


def position_of(name: str) -> int:
    """Return the place in the order of a form: known parameters first, in the order of the file."""
    return _order().get(name, len(_order()))
