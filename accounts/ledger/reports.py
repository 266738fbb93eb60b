"""Reports of spending: sums of ledger entries, for pages. A run counts on the day it was held, in UTC."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate
from django.utils.timezone import now

from accounts.models import LedgerEntry, User
from accounts.money import cost_in_usd, in_usd

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from django.db.models import QuerySet

    from accounts.models import Workspace

DAYS = 30
_RECENT = 25
_SUMS: dict[str, Any] = {
    # These two sums apply money.cost_in_usd to many rows. Credits are whole numbers, so their sum is exact
    # in any database; a division in each row would not be.
    "reported_usd": Sum("usd", default=Decimal(0)),
    "credits_without_usd": Sum("credits", filter=Q(usd=None), default=0),
    # This sum must follow the previous one: from here on, the name refers to the sum.
    "credits": Sum("credits", default=0),
    "tokens": Sum("tokens", default=0),
    "runs": Count("pk"),
    "estimates": Count("pk", filter=Q(source=LedgerEntry.Source.ESTIMATED)),
}


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
        """The cost with all its decimal places, so that rows add up to their total.

        >>> Spent("", usd=Decimal("0.001100000")).dollars, Spent("", usd=Decimal(3)).dollars
        ('0.0011', '3.00')
        >>> Spent("", usd=Decimal("0.000016"), estimates=1).dollars
        'about 0.000016'
        """
        cents = f"{self.usd:.2f}"
        exact = f"{self.usd:.9f}".rstrip("0")
        figure = exact if len(exact) > len(cents) else cents
        return f"about {figure}" if self.estimates else figure


@dataclass(frozen=True, slots=True)
class Report:
    total: Spent
    by_day: list[Spent]
    by_model: list[Spent]
    by_member: list[Spent]
    recent: list[Spent]


def report(workspace: Workspace, user: User | None = None) -> Report:
    """Report the last 30 days of one user, or of the whole workspace if ``user`` is None."""
    today = now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    entries = LedgerEntry.objects.filter(workspace=workspace, held_at__gte=today - timedelta(days=DAYS - 1))
    if user is not None:
        entries = entries.filter(user=user)
    return Report(
        total=_spent("", entries.aggregate(**_SUMS)),
        by_day=_shared(_by_day(entries, today.date())),
        by_model=_shared(_by(entries, "provider_code", "model_id")),
        by_member=_shared(_by_member(entries)) if user is None else [],
        recent=_recent(entries),
    )


def _by_day(entries: QuerySet[LedgerEntry], today: date) -> list[Spent]:
    """Sum up every day since the first run, the newest first, including days without runs."""
    sums = entries.annotate(day=TruncDate("held_at", tzinfo=UTC)).values("day").annotate(**_SUMS)
    found = {row["day"]: _spent(row["day"], row) for row in sums}
    first = min(found, default=today)
    days = [today - timedelta(days=back) for back in range((today - first).days + 1)]
    return [found.get(day, Spent(day)) for day in days]


def _by(entries: QuerySet[LedgerEntry], *fields: str) -> list[Spent]:
    rows = entries.values(*fields).annotate(**_SUMS).order_by("-credits", "-tokens", *fields)
    return [_spent({name: row[name] for name in fields}, row) for row in rows]


def _by_member(entries: QuerySet[LedgerEntry]) -> list[Spent]:
    rows = entries.values("user").annotate(**_SUMS).order_by("-credits", "-tokens", "user")
    people = User.objects.in_bulk([row["user"] for row in rows if row["user"]])
    return [_spent(people.get(row["user"]), row) for row in rows]


def _recent(entries: QuerySet[LedgerEntry]) -> list[Spent]:
    newest = entries.select_related("user").order_by("-held_at", "-pk")[:_RECENT]
    return [_of(entry) for entry in newest]


def _of(entry: LedgerEntry) -> Spent:
    usd = cost_in_usd(entry.usd, entry.credits)
    is_estimated = entry.source == LedgerEntry.Source.ESTIMATED
    return Spent(entry, entry.credits, usd, entry.tokens, 1, int(is_estimated))


def _spent(what: Any, row: Mapping[str, Any]) -> Spent:
    usd = row["reported_usd"] + in_usd(row["credits_without_usd"])
    return Spent(what, row["credits"], usd, row["tokens"], row["runs"], row["estimates"])


def _shared(rows: list[Spent]) -> list[Spent]:
    most = max((row.credits for row in rows), default=0)
    return [replace(row, share=row.credits / most) for row in rows] if most else rows
