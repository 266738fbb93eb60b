"""The room for an answer: how many tokens the limits of a run leave it. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from decimal import Decimal


class Counted(Protocol):
    """Amounts by unit, such as ``ledger.Amounts``."""

    def of(self, unit: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Room:
    """The rest of each limit that applies to a run, as pairs of its unit and its amount."""

    left: tuple[tuple[str, int], ...] = ()

    def tokens(self, fixed: Counted, credits_per_token: Decimal) -> int | None:
        """Return the tokens that fit beside ``fixed``, negative if not even that fits.

        None means that no limit counts them.
        """
        found = []
        for unit, left in self.left:
            rest = left - fixed.of(unit)
            if unit in {"tokens", "output_tokens"}:
                found.append(rest)
            elif unit in {"credits", "usd"} and credits_per_token:
                found.append(math.floor(rest / credits_per_token))
        return min(found, default=None)
