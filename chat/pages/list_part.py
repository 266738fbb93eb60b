"""The part of the list of conversations that a page asks for.

The list comes in portions. The next one begins after the last row of the one before, so that a conversation
that moves up or is added meanwhile neither repeats a row nor leaves one out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PORTION = 50
# Rows of a list that is brought up to date as far as it was unfolded.
MOST_ROWS = 2_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"([0-9]{1,16})-([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class ListCursor:
    """The last row of a portion: the next one begins after it."""

    updated_at: datetime
    pk: int

    @classmethod
    def parse(cls, text: str) -> ListCursor | None:
        """Read what :meth:`__str__` wrote; return None for anything else."""
        found = _CURSOR.fullmatch(text)
        if found is None:
            return None
        return cls(_EPOCH + timedelta(microseconds=int(found[1])), int(found[2]))

    def __str__(self) -> str:
        return f"{(self.updated_at - _EPOCH) // timedelta(microseconds=1)}-{self.pk}"


@dataclass(frozen=True, slots=True)
class ListPart:
    """The part of the list that is asked for."""

    # Words in titles and messages.
    query: str = ""
    is_archived: bool = False
    # Those of other people that they share with the reader.
    is_shared: bool = False
    after: ListCursor | None = None
    rows: int = PORTION
