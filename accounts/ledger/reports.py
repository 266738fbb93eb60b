"""Reports of spending: sums of ledger entries, for pages. A run counts on the day it was held, in UTC."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.timezone import now

from accounts.ledger.day_sums import Sums, added, entries_between, sums_by_member, sums_by_model
from accounts.ledger.spent import Measure, Spent, spent
from accounts.models import LedgerEntry, User
from accounts.money import cost_in_usd, in_usd, usd, usd_in_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from django.db.models import QuerySet

    from accounts.models import Workspace


_RUNS = 25


@dataclass(frozen=True, slots=True)
class Spent:
    """A row of a report. ``share`` compares its credits with the largest row's, from 0 to 1."""

    what: Any
    credits: int = 0
    usd: Decimal = Decimal(0)
    tokens: int = 0
    runs: int = 0
    # The number of runs whose cost is an estimate, because their tokens or prices were not known.
    estimates: int = 0
    share: float = 0.0

    @property
    def dollars(self) -> str:
        """The cost for a column of a table.

        >>> Spent("", usd=Decimal("0.001100000")).dollars, Spent("", usd=Decimal(3)).dollars
        ('0.001100', '3.000000')
        >>> Spent("", usd=Decimal("0.000016"), estimates=1).dollars
        'about 0.000016'
        """
        figure = usd_in_column(self.usd)
        return f"about {figure}" if self.estimates else figure

    @property
    def cost(self) -> str:
        """The cost for a sentence or a single figure.

        >>> Spent("", usd=Decimal("0.0011")).cost, Spent("", usd=Decimal("0.000016"), estimates=1).cost
        ('$0.0011', 'about $0.000016')
        """
        return f"about {usd(self.usd)}" if self.estimates else usd(self.usd)


@dataclass(frozen=True, slots=True)
class Series:
    """The spending of one row on each day with runs; the last series may be that of all other rows."""

    what: Any
    days: Mapping[date, Spent]


@dataclass(frozen=True, slots=True)
class Report:
    measure: Measure
    total: Spent
    # The newest day first. They begin with the first one that has runs, and have no gaps.
    by_day: list[Spent]
    by_model: list[Spent]
    # Empty for the report of one person.
    by_member: list[Spent]
    # The highest first; days, which have no gaps after the first one with runs, the newest first.
    rows: list[Spent]
    # The sums of each day by row; for groups, those of people by the smallest of their groups.
    parts: Mapping[Any, Mapping[date, Sums]]


def report(workspace: Workspace, first: date, last: date, user: User | None = None) -> Report:
    """Report the days of one user, or of the whole workspace if ``user`` is None."""
    days = sums_by_model(workspace, first, last, user)
    of_days = {day: _added(sums.values()) for day, sums in days.items()}
    by_model = _merged(days.values())
    by_member = sums_by_member(workspace, first, last) if user is None else {}
    return Report(
        total=_spent("", _added(of_days.values())),
        by_day=_compared(_by_day(of_days, last)),
        by_model=_compared(_ranked(_spent(_model(*key), sums) for key, sums in by_model.items())),
        by_member=_compared(_ranked(_by_member(by_member))),
    )


def _by_day(sums: Mapping[date, Sums], last: date) -> list[Spent]:
    if not sums:
        return []
    # A run never lies in the future, but the end of a month may.
    last = max(max(sums), min(last, now().astimezone(UTC).date()))
    days = [last - timedelta(days=back) for back in range((last - min(sums)).days + 1)]
    return [_spent(day, sums.get(day, Sums())) for day in days]


@dataclass(frozen=True, slots=True)
class Runs:
    """Some of the runs of a report, the newest first."""

    rows: list[Spent]
    # The key of the entry after which the next ones follow; None at the end.
    next: int | None


def runs(workspace: Workspace, first: date, last: date, user: User | None, after: str) -> Runs:
    """Return a portion of the runs.

    :param after: the key of the last entry of the portion before; another text for the first portion.
    """
    entries = entries_between(workspace, first, last)
    if user is not None:
        entries = entries.filter(user=user)
    known = entries.filter(pk=after).first() if after.isdecimal() and len(after) < 19 else None
    found = list(_before(entries, known).select_related("user")[: _RUNS + 1])
    rows = [_of(entry) for entry in found[:_RUNS]]
    return Runs(rows, found[_RUNS - 1].pk if len(found) > _RUNS else None)


def _before(entries: QuerySet[LedgerEntry], known: LedgerEntry | None) -> QuerySet[LedgerEntry]:
    if known is not None:
        # Two comparisons joined by "or" would not use the index.
        entries = entries.filter(held_at__lte=known.held_at).exclude(held_at=known.held_at, pk__gte=known.pk)
    return entries.order_by("-held_at", "-pk")


def _model(provider_code: str, model_id: str) -> dict[str, str]:
    return {"provider_code": provider_code, "model_id": model_id}


def _by_member(sums: Mapping[int | None, Sums]) -> Iterable[Spent]:
    people = User.objects.in_bulk([key for key in sums if key is not None])
    gone = [each for key, each in sums.items() if key not in people]
    yield from (_spent(people[key], each) for key, each in sums.items() if key in people)
    if gone:
        yield _spent(None, _added(gone))


def _merged(days: Iterable[Mapping[tuple[str, str], Sums]]) -> dict[tuple[str, str], Sums]:
    found: dict[tuple[str, str], Sums] = {}
    for day in days:
        for key, sums in day.items():
            found[key] = found[key].plus(sums) if key in found else sums
    return found


def _added(many: Iterable[Sums]) -> Sums:
    total = Sums()
    for sums in many:
        total = total.plus(sums)
    return total


def _of(entry: LedgerEntry) -> Spent:
    usd = cost_in_usd(entry.usd, entry.credits)
    is_estimated = entry.source == LedgerEntry.Source.ESTIMATED
    return Spent(entry, entry.credits, usd, entry.tokens, 1, int(is_estimated))


def _spent(what: Any, sums: Sums) -> Spent:
    usd = sums.reported_usd + in_usd(sums.credits_without_usd)
    return Spent(what, sums.credits, usd, sums.tokens, sums.runs, sums.estimates)


def _ranked(rows: Iterable[Spent]) -> list[Spent]:
    return sorted(rows, key=lambda row: (-row.credits, -row.tokens, str(row.what)))


def _compared(rows: list[Spent]) -> list[Spent]:
    most = max((row.credits for row in rows), default=0)
    return [replace(row, share=row.credits / most) for row in rows] if most else rows


def total_of(many: Iterable[Sums]) -> Spent:
    return spent("", added(many))


def _without_gaps(sums: Mapping[date, Sums], last: date) -> list[Spent]:
    if not sums:
        return []
    # A run never lies in the future, but the end of a month may.
    last = max(max(sums), min(last, now().astimezone(UTC).date()))
    days = [last - timedelta(days=back) for back in range((last - min(sums)).days + 1)]
    return [spent(day, sums.get(day, Sums())) for day in days]
