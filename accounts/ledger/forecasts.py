"""Forecasts of spending, or of another use, from the days before. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The whole days before today that are looked at, at most and at least.
MOST_DAYS = 28
FEWEST_DAYS = 3
# With this many days, each day of the week has an average of its own.
WEEKDAYS_FROM = 21


@dataclass(frozen=True, slots=True)
class Forecast:
    """The expected sum at the end of a day, if the rest is like the days before."""

    until: date
    usd: Decimal
    # The number of days that the averages are of, and whether each day of the week has its own.
    days: int
    is_by_weekday: bool


def forecast(spent: Mapping[date, Decimal], first: date, today: date, until: date) -> Forecast | None:
    """Forecast what is spent from ``first`` to ``until``; None while too few whole days are known.

    The rest of today and every further day are taken to cost as much as the whole days before today did on
    average: four weeks of them at most, and none before the first with a cost. ``spent`` has the dollars of
    days; a day that it lacks cost nothing.

    >>> week = {date(2026, 6, day): Decimal(2) for day in range(1, 8)}
    >>> forecast(week, date(2026, 6, 1), date(2026, 6, 8), date(2026, 6, 30)).usd
    Decimal('60')
    """
    usual = _usual(spent, today)
    if usual is None or until < today:
        return None
    so_far = sum((usd for day, usd in spent.items() if first <= day <= today), Decimal(0))
    total = so_far + sum((amount for _, amount in usual.expected(spent, today, until)), Decimal(0))
    return Forecast(until, total, usual.days, usual.is_by_weekday)


def used_up_on(
    spent: Mapping[date, Decimal], today: date, until: date, left: Decimal
) -> tuple[date | None, Decimal] | None:
    """Return the day on which ``left`` is used up, and what is used until then or until ``until``.

    The day is None if it is not used up by then. The result is None where :func:`forecast` has none, too.

    >>> week = {date(2026, 6, day): Decimal(2) for day in range(1, 8)}
    >>> used_up_on(week, date(2026, 6, 8), date(2026, 6, 30), Decimal(10))
    (datetime.date(2026, 6, 12), Decimal('10'))
    >>> used_up_on(week, date(2026, 6, 8), date(2026, 6, 30), Decimal(100))
    (None, Decimal('46'))
    """
    usual = _usual(spent, today)
    if usual is None or until < today:
        return None
    used = Decimal(0)
    for day, amount in usual.expected(spent, today, until):
        used += amount
        if used >= left:
            return day, used
    return None, used


@dataclass(frozen=True, slots=True)
class _Usual:
    """The averages of the known days, by the day of the week or for all of them together."""

    days: int
    is_by_weekday: bool
    averages: dict[int, Decimal]

    def expected(
        self, spent: Mapping[date, Decimal], today: date, until: date
    ) -> Iterator[tuple[date, Decimal]]:
        """Yield what the rest of today and every further day is taken to cost."""
        yield today, max(Decimal(0), self._of(today) - spent.get(today, Decimal(0)))
        for number in range(1, (until - today).days + 1):
            day = today + timedelta(days=number)
            yield day, self._of(day)

    def _of(self, day: date) -> Decimal:
        return self.averages[day.weekday() if self.is_by_weekday else 0]


def _usual(spent: Mapping[date, Decimal], today: date) -> _Usual | None:
    begun = min((day for day, usd in spent.items() if usd > 0), default=today)
    since = max(begun, today - timedelta(days=MOST_DAYS))
    known = [since + timedelta(days=number) for number in range((today - since).days)]
    if len(known) < FEWEST_DAYS:
        return None
    is_by_weekday = len(known) >= WEEKDAYS_FROM
    groups: dict[int, list[Decimal]] = {}
    for day in known:
        groups.setdefault(day.weekday() if is_by_weekday else 0, []).append(spent.get(day, Decimal(0)))
    averages = {key: sum(amounts, Decimal(0)) / len(amounts) for key, amounts in groups.items()}
    return _Usual(len(known), is_by_weekday, averages)
