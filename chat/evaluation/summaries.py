"""Results added up: pass rates with their intervals, and the difference to earlier results."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

from chat.evaluation.intervals import Interval, newcombe, wilson

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Counts:
    """The cells of a result by their state.

    Only ``passed`` and ``failed`` make the pass rate. A cell without checks, without a verdict of the judge
    or without an answer says nothing about quality, so those are counted apart.
    """

    passed: int = 0
    failed: int = 0
    undecided: int = 0
    unchecked: int = 0
    errors: int = 0
    waiting: int = 0

    @property
    def all(self) -> int:
        return sum(getattr(self, each.name) for each in fields(self))

    @property
    def decided(self) -> int:
        return self.passed + self.failed

    @property
    def ended(self) -> int:
        return self.all - self.waiting

    @property
    def rate(self) -> float | None:
        """The share that passed, of those that passed or failed; None if there are none."""
        return self.passed / self.decided if self.decided else None

    def interval(self, per_case: int = 1) -> Interval:
        """Return the 95 % interval of the pass rate.

        :param per_case: the number of answers to each case. They are alike, so together they count as one.
        """
        return wilson(self.passed / per_case, self.decided / per_case)

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two pass rates with its 95 % interval."""

    rate: float
    interval: Interval

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes that nothing has changed."""
        return self.interval.low > 0 or self.interval.high < 0


def difference(now: Counts, before: Counts, per_case: int = 1, per_case_before: int = 1) -> Difference | None:
    """Return how much better the pass rate is than before; None if one of the two has none.

    The answers to one case count as one, as in :meth:`Counts.interval`.
    """
    if now.rate is None or before.rate is None:
        return None
    of_rates = newcombe(
        (now.passed / per_case, now.decided / per_case),
        (before.passed / per_case_before, before.decided / per_case_before),
    )
    return Difference(now.rate - before.rate, of_rates)


class Changes(NamedTuple):
    """The cases whose verdict has changed: those that now pass, and those that now fail."""

    fixed: int
    broken: int


def changes(pairs: Iterable[tuple[bool | None, bool | None]]) -> Changes:
    """Count changes among pairs of a verdict now and before.

    >>> changes([(True, False), (False, True), (False, True), (True, True), (None, True)])
    Changes(fixed=1, broken=2)
    """
    found = list(pairs)
    return Changes(found.count((True, False)), found.count((False, True)))


def percent(share: float) -> str:
    """Write a share in percent. Only nothing is 0 %, and only all is 100 %.

    >>> percent(0.5), percent(0.9996), percent(0.0004), percent(1.0), percent(0.0), percent(0.123)
    ('50 %', '99.9 %', '0.1 %', '100 %', '0 %', '12.3 %')
    """
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", " %")
    return f"{min(99.9, max(0.1, 100 * share)):.1f}".removesuffix(".0") + " %"
