"""A program that sends a request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """``name`` tells the forms apart, ``highlight`` is the language for colours."""

    name: str
    label: str
    file_name: str
    highlight: str
    text: str
