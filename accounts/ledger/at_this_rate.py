"""Where the limits of a week or a month will be at their end, at the rate of the days before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Sum
from django.utils.timezone import now

from accounts.ledger.forecasts import MOST_DAYS, used_up_on
from accounts.ledger.tallies import Subject, subject
from accounts.models import DaySum, Period, Unit
from accounts.time_zones import zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from accounts.ledger.remaining import Allowance
    from accounts.models import Limit

# Shorter periods have no days to compare with, and one in total has no end.
_PERIODS = {Period.WEEK, Period.MONTH}


@dataclass(frozen=True, slots=True)
class Rate:
    """The day on which a limit will be used up; None if it will not, then the used share at the end."""

    used_up_on: date | None
    until: date
    share: float


def rates(limit: Limit, allowances: list[Allowance]) -> dict[int | None, Rate]:
    """Return the rates of allowances of one limit by the key of their person, where enough is known.

    Each is taken to go on like the whole days (UTC) before today: four weeks at most.
    """
    if limit.period not in _PERIODS or not allowances:
        return {}
    today = now().astimezone(UTC).date()
    by_person: dict[int | None, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for user, day, amount in _amounts(limit, today - timedelta(days=MOST_DAYS)):
        by_person[user if limit.counts_each else None][day] += amount
    found = {}
    for each in allowances:
        person = each.person.pk if each.person else None
        if (rate := _rate(each, by_person[person], today)) is not None:
            found[person] = rate
    return found


def _amounts(limit: Limit, since: date) -> Iterator[tuple[int | None, date, int]]:
    """Yield what the runs that a limit counts have cost each day in its unit, by user."""
    column = Unit(limit.unit).column
    # A limit that counts each person gives everybody an amount for themselves.
    counted = Subject(limit, None) if limit.counts_each else subject(limit, None)
    rows = DaySum.objects.filter(workspace=limit.workspace_id, day__gte=since).order_by()
    if counted.people is not None:
        rows = rows.filter(user__in=counted.people)
    names = ("user", "day", "provider_code", "model_id", "key_code")
    for row in rows.values(*names).annotate(amount=Sum(column)):
        if counted.counts(row):
            yield row["user"], row["day"], int(row["amount"])


def _rate(allowance: Allowance, spent: dict[date, Decimal], today: date) -> Rate | None:
    if not allowance.left or allowance.resets_at is None:
        return None
    zone = zone_of(allowance.limit.workspace.time_zone)
    until = (allowance.resets_at - timedelta(seconds=1)).astimezone(zone).date()
    if (found := used_up_on(spent, today, until, Decimal(allowance.left))) is None:
        return None
    day, more = found
    used = allowance.amount - allowance.left + more
    return Rate(day, until, float(used / allowance.amount))
