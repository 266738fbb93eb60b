"""The HTML of the open end: the block that is still being written."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property


@dataclass
class Growth:
    """The inside of a block of code, which only grows."""

    head: str
    foot: str
    # Escaped text in the pieces that arrived, and the number of pieces in each version from the first on.
    pieces: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    first_version: int = 0

    def note(self, version: int) -> bool:
        """Make the next version if anything was added. Versions have consecutive numbers."""
        if not self.sizes:
            self.first_version = version
        elif self.sizes[-1] == len(self.pieces):
            return False
        self.sizes.append(len(self.pieces))
        return True


@dataclass(frozen=True)
class OpenEnd:
    """A state of the open block.

    ``version`` rises with every change of the HTML. A page that shows version ``v`` may append
    ``added_since(v)`` to the element of class ``growing`` in it, instead of replacing the whole:
    a long block of code is then sent once, not once a frame.
    """

    version: int
    whole: str = ""
    growth: Growth | None = None

    @cached_property
    def html(self) -> str:
        if self.growth is None:
            return self.whole
        return "".join((self.growth.head, *self.growth.pieces[: self._size], self.growth.foot))

    def added_since(self, version: int) -> str | None:
        """Return escaped text that a page with that version lacks; None if the whole must be replaced."""
        if self.growth is None or not self.growth.first_version <= version <= self.version:
            return None
        start = self.growth.sizes[version - self.growth.first_version]
        return "".join(self.growth.pieces[start : self._size])

    @property
    def _size(self) -> int:
        if self.growth is None:
            return 0
        return self.growth.sizes[self.version - self.growth.first_version]
