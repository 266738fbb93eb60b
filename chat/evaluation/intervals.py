"""Intervals of proportions, which hold for few cases too."""

from __future__ import annotations

import math
from typing import NamedTuple

# The quantile of the normal distribution for 95 %.
Z = 1.959963984540054


class Interval(NamedTuple):
    low: float
    high: float


def wilson(passed: float, count: float) -> Interval:
    """Return the 95 % interval of a proportion by Wilson (1927), without continuity correction.

    Answers that count only in part make both amounts fractions.

    >>> [round(bound, 4) for bound in wilson(8, 10)], wilson(0, 0)
    ([0.4902, 0.9433], Interval(low=0.0, high=1.0))
    """
    if not count:
        return Interval(0.0, 1.0)
    rate, square = passed / count, Z * Z
    middle = rate + square / (2 * count)
    spread = Z * math.sqrt(rate * (1 - rate) / count + square / (4 * count * count))
    whole = 1 + square / count
    # Rounding could leave a proportion of 0 or 1 just outside of its own interval.
    low = 0.0 if not passed else max(0.0, (middle - spread) / whole)
    return Interval(low, 1.0 if passed == count else min(1.0, (middle + spread) / whole))


def newcombe(now: tuple[float, float], before: tuple[float, float]) -> Interval:
    """Return the 95 % interval of the difference of two proportions, each as (passed, count).

    The hybrid score interval of Newcombe (1998), his method 10. It takes the two as independent, which is
    cautious where both ran the same cases.

    >>> [round(bound, 4) for bound in newcombe((56, 70), (48, 80))]
    [0.0524, 0.3339]
    """
    if not now[1] or not before[1]:
        return Interval(-1.0, 1.0)
    first, second = now[0] / now[1], before[0] / before[1]
    of_first, of_second = wilson(*now), wilson(*before)
    difference = first - second
    below = math.hypot(first - of_first.low, of_second.high - second)
    above = math.hypot(of_first.high - first, second - of_second.low)
    return Interval(max(-1.0, difference - below), min(1.0, difference + above))
