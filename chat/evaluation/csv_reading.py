from __future__ import annotations

from dataclasses import dataclass

MAX_CASES, MAX_COLUMNS, MAX_CELLS = 100_000, 50, 1_000_000


class CasesRefused(ValueError):
    """A file of cases cannot be taken. The message says why, and names the row."""


@dataclass(slots=True)
class Sheet:
    """Columns and rows of equal length, and what was noticed about them."""
