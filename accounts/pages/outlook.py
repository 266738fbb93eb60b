"""A report beside the time before it, and where the month will end at this rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from accounts import ledger
from accounts.ledger.forecasts import MOST_DAYS
from accounts.money import usd
from accounts.pages.date_range import days_in_words, today

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from accounts.ledger import Days, Forecast, Series, Spent
    from accounts.pages.date_range import DateRange


@dataclass(frozen=True, slots=True)
class Comparison:
    """The totals of the days before, and the changes since then in words."""

    before: Spent
    days: str
    cost: str = ""
    tokens: str = ""
    runs: str = ""


def look_around(
    total: Spent, series: Sequence[Series], asked: DateRange, days: Days
) -> tuple[Comparison, Outlook | None]:
    """Return a report beside the days before it and, if it includes today, the outlook for the month.

    One query adds up all days before the report that the two need.
    """
    first, last = asked.before
    at = today()
    is_current = asked.last >= at
    since = min(first, _known_since(at)) if is_current else first
    until = asked.first - timedelta(days=1) if is_current else last
    earlier = ledger.by_day(days._replace(first=since, last=until)) if since <= until else {}
    before = ledger.total_of(sums for day, sums in earlier.items() if first <= day <= last)
    comparison = compare(total, before, asked)
    if not is_current:
        return comparison, None
    costs = {day: ledger.total_of([sums]).usd for day, sums in earlier.items()}
    for each in series:
        for day, row in each.days.items():
            costs[day] = costs.get(day, Decimal(0)) + row.usd
    return comparison, outlook(costs)


def compare(total: Spent, before: Spent, asked: DateRange) -> Comparison:
    name = days_in_words(*asked.before)
    # A day that is not over would seem to be one on which little was used.
    if not before.runs or asked.first == asked.last == today():
        return Comparison(before, name)
    return Comparison(
        before,
        name,
        change(total.usd, before.usd),
        change(Decimal(total.tokens), Decimal(before.tokens)),
        change(Decimal(total.runs), Decimal(before.runs)),
    )


def change(now: Decimal, before: Decimal) -> str:
    """Say how a number has changed; empty if there is nothing to compare it with.

    >>> change(Decimal(118), Decimal(100)), change(Decimal(1), Decimal(3)), change(Decimal(25), Decimal(10))
    ('18 % more', '67 % less', '2.5 times as much')
    >>> change(Decimal(1), Decimal(0)), change(Decimal(1000), Decimal(999)), change(Decimal(9999), Decimal(1))
    ('', 'about the same', 'over 100 times as much')
    """
    if before <= 0:
        return ""
    ratio = now / before
    if ratio > 100:
        return "over 100 times as much"
    if ratio >= 2:
        return f"{ratio:.1f} times as much".replace(".0 ", " ")
    percent = round((ratio - 1) * 100)
    if not percent:
        return "about the same"
    return f"{abs(percent)} % {'more' if percent > 0 else 'less'}"


@dataclass(frozen=True, slots=True)
class Outlook:
    """The cost of the month so far and, as far as it is known, at its end."""

    month: str
    so_far: str
    until: str
    forecast: Forecast | None

    @property
    def usd(self) -> str:
        return usd(self.forecast.usd) if self.forecast else ""


def outlook(costs: Mapping[date, Decimal]) -> Outlook:
    """Return the outlook for the current month from the costs of its days and of those before."""
    at = today()
    first = at.replace(day=1)
    until = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    known = {day: usd for day, usd in costs.items() if _known_since(at) <= day <= at}
    so_far = sum((usd for day, usd in known.items() if day >= first), Decimal(0))
    return Outlook(
        f"{at:%B}", usd(so_far), f"{until.day} {until:%B}", ledger.forecast(known, first, at, until)
    )


def _known_since(at: date) -> date:
    """Return the first day on which an outlook is based."""
    return min(at.replace(day=1), at - timedelta(days=MOST_DAYS))
