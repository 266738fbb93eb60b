"""The spans of time that the bars of a chart stand for, and their outlines as SVG paths. Pure."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

HEIGHT = 1000
SLOT = 100
# The lowest bar that can be seen, in the same units.
_LOWEST = 8


def spans_of(first: date, last: date, is_weekly: bool) -> list[tuple[date, date]]:
    """Return the first and the last day of each bar. Weeks begin on Monday; the outer ones may be cut."""
    spans = []
    while first <= last:
        days = 6 - first.weekday() if is_weekly else 0
        end = min(first + timedelta(days=days), last)
        spans.append((first, end))
        first = end + timedelta(days=1)
    return spans


def bar_path(bars: Sequence[Sequence[Decimal]], number: int, top: Decimal) -> str:
    """Return the rectangles of one series, above those of the series before it.

    ``bars`` has the amounts of all series for each bar.
    """
    # Few bars would be very wide.
    width = min(72, 14 + 3 * len(bars))
    left = (SLOT - width) // 2
    pieces = []
    for place, amounts in enumerate(bars):
        below, own = sum(amounts[:number], Decimal(0)), amounts[number]
        if own <= 0:
            continue
        base, end = (round(HEIGHT * max(Decimal(0), amount) / top) for amount in (below, below + own))
        if sum(amounts, Decimal(0)) == below + own:
            # Something that is too little to be seen did happen.
            end = max(end, _LOWEST)
        if end > base:
            pieces.append(_rectangle(place * SLOT + left, HEIGHT - end, width, end - base))
    return "".join(pieces)


def lying_path(amounts: Sequence[Decimal], number: int) -> str:
    """Return the part of one series in the only bar, which fills the whole width."""
    total = sum(amounts, Decimal(0))
    if total <= 0 or amounts[number] <= 0:
        return ""
    start, end = (round(SLOT * 100 * sum(amounts[:to], Decimal(0)) / total) for to in (number, number + 1))
    return _rectangle(start, 0, max(end - start, 20), HEIGHT)


def _rectangle(x: int, y: int, width: int, height: int) -> str:
    return f"M{x} {y}h{width}v{height}h-{width}z"
