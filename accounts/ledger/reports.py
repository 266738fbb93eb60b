"""Reports of spending: sums of ledger entries, for pages. A run counts on the day it was held, in UTC."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.timezone import now

from accounts.ledger.breakdowns import Breakdown, By, Days, Rest, break_down, by_day, together
from accounts.ledger.day_sums import Sums, added
from accounts.ledger.spent import Measure, Spent, compared, ranked, spent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

# More colours side by side could not be told apart.
MOST_SERIES = 6


@dataclass(frozen=True, slots=True)
class Series:
    """The spending of one row on each day with runs; the last series may be that of all other rows."""

    what: Any
    days: Mapping[date, Spent]


@dataclass(frozen=True, slots=True)
class Report:
    days: Days
    by: By
    measure: Measure
    total: Spent
    # The highest first; days, which have no gaps after the first one with runs, the newest first.
    rows: list[Spent]
    # The sums of each day by row; for groups, those of people by the smallest of their groups.
    parts: Mapping[Any, Mapping[date, Sums]]

    def measured_by(self, measure: Measure) -> Report:
        """Return the report in the order of another measure."""
        if self.by is not By.DAY:
            return replace(self, measure=measure, rows=compared(ranked(self.rows, measure), measure))
        return replace(self, measure=measure, rows=compared(self.rows, measure))


def report(days: Days, by: By, measure: Measure = Measure.COST) -> Report:
    if by is By.DAY:
        sums = by_day(days)
        found = Breakdown(added(sums.values()), {}, {Rest.ALL: sums} if sums else {})
        rows = _without_gaps(sums, days.last)
    else:
        found = break_down(days, by)
        rows = [spent(what, each) for what, each in found.rows.items()]
    return Report(days, by, measure, spent("", found.total), rows, found.parts).measured_by(measure)


def series_of(report: Report) -> list[Series]:
    """Return the highest rows by day, and the others together. The series of a day add up to its sum."""
    totals = [spent(what, added(days.values())) for what, days in report.parts.items()]
    order = [row.what for row in ranked(totals, report.measure)]
    kept = {what: report.parts[what] for what in order[:MOST_SERIES]}
    if others := [report.parts[what] for what in order[MOST_SERIES:]]:
        kept[Rest.OTHERS] = together(others)
    return [
        Series(what, {day: spent(day, sums) for day, sums in days.items()}) for what, days in kept.items()
    ]


def total_of(many: Iterable[Sums]) -> Spent:
    return spent("", added(many))


def _without_gaps(sums: Mapping[date, Sums], last: date) -> list[Spent]:
    if not sums:
        return []
    # A run never lies in the future, but the end of a month may.
    last = max(max(sums), min(last, now().astimezone(UTC).date()))
    days = [last - timedelta(days=back) for back in range((last - min(sums)).days + 1)]
    return [spent(day, sums.get(day, Sums())) for day in days]
