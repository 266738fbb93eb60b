from __future__ import annotations

from typing import NamedTuple


class Days(NamedTuple):
    """The days of a report, both included, of one user or of the whole workspace if ``user`` is None."""
