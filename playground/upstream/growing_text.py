"""A text that grows piece by piece."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain

# A short string takes ten times the memory of its letters, and an answer has many thousands.
_JOINED_AT_ONCE = 1_024


@dataclass(slots=True)
class GrowingText:
    """A text that grows at its end, in little more memory than its letters take."""

    _joined: list[str] = field(default_factory=list)
    _loose: list[str] = field(default_factory=list)

    def append(self, piece: str) -> None:
        self._loose.append(piece)
        if len(self._loose) >= _JOINED_AT_ONCE:
            self._joined.append("".join(self._loose))
            self._loose.clear()

    def last(self, characters: int) -> str:
        """Return the last characters, at a cost that does not grow with the text."""
        found, length = [], 0
        for piece in chain(reversed(self._loose), reversed(self._joined)):
            found.append(piece[-characters:])
            length += len(piece)
            if length >= characters:
                break
        return "".join(reversed(found))[-characters:]

    def clear(self) -> None:
        self._joined.clear()
        self._loose.clear()

    def __bool__(self) -> bool:
        return bool(self._joined or self._loose)

    def __str__(self) -> str:
        return "".join((*self._joined, *self._loose))
