"""How full an allowance or a context is: the one rule for its colour and its words. Pure."""

from __future__ import annotations

from enum import StrEnum

# The share from which a meter is amber.
NEAR_FROM = 0.8


class Fullness(StrEnum):
    """The class of a meter in the style sheets."""

    ROOM = ""
    NEAR = "is-near"
    FULL = "is-full"


def fullness(share: float) -> Fullness:
    """
    >>> fullness(0.79), fullness(0.84), fullness(1.0)
    (<Fullness.ROOM: ''>, <Fullness.NEAR: 'is-near'>, <Fullness.FULL: 'is-full'>)
    """
    if share >= 1:
        return Fullness.FULL
    return Fullness.NEAR if share >= NEAR_FROM else Fullness.ROOM


def percent(share: float) -> int:
    """Return a share in percent, rounded down so that 100 means full.

    >>> percent(0.84), percent(0.999), percent(1.2)
    (84, 99, 120)
    """
    # Binary fractions such as 0.29 lie below their decimal.
    return int(share * 100 + 1e-9)
