from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


# The whole days before today that are looked at, at most and at least.
MOST_DAYS = 28
FEWEST_DAYS = 3
# With this many days, each day of the week has an average of its own.
WEEKDAYS_FROM = 21


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
