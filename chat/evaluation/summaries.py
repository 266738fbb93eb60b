from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """The cells of a result by their state.

    Only ``passed`` and ``failed`` make the pass rate. A cell without checks, without a verdict of the judge
    or without an answer says nothing about quality, so those are counted apart.
    """


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two pass rates with its 95 % interval."""


def percent(share: float) -> str:
    """Write a share in percent. Only nothing is 0 %, and only all is 100 %.

    >>> percent(0.5), percent(0.9996), percent(0.0004), percent(1.0), percent(0.0), percent(0.123)
    ('50 %', '99.9 %', '0.1 %', '100 %', '0 %', '12.3 %')
    """
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", " %")
    return f"{min(99.9, max(0.1, 100 * share)):.1f}".removesuffix(".0") + " %"
