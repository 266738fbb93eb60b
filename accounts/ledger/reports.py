"""What was spent: sums of ledger entries, for pages. Days are those in which runs were held, in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.utils.timezone import now

from accounts.models import LedgerEntry, User

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from django.db.models import QuerySet

    from accounts.models import Workspace

DAYS = 30
_RECENT = 25
_SUMS: dict[str, Any] = {
    "credits": Sum("credits", default=0),
    "usd": Sum("usd"),
    "tokens": Sum("tokens", default=0),
    "runs": Count("pk"),
}


@dataclass(frozen=True, slots=True)
class Spent:
    """One row of a report. ``share`` is its part of the largest row's credits, 0 to 1."""

    what: Any
    credits: int
    usd: Decimal | None
    tokens: int
    runs: int
    share: float = 0.0

    @property
    def dollars(self) -> str:
        """
        >>> Spent("", 0, Decimal("0.001100000"), 0, 0).dollars, Spent("", 0, None, 0, 0).dollars
        ('0.0011', '–')
        """
        if self.usd is None:
            return "–"
        cents = f"{self.usd:.2f}"
        exact = f"{self.usd:.6f}".rstrip("0")
        return exact if len(exact) > len(cents) else cents


@dataclass(frozen=True, slots=True)
class Report:
    total: Spent
    by_day: list[Spent]
    by_model: list[Spent]
    by_member: list[Spent]
    recent: list[Spent]


def report(workspace: Workspace, user: User | None = None) -> Report:
    """The last 30 days of one person, or of the whole workspace when ``user`` is None."""
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
    """Every day since the first run, the newest first, the empty ones too: a gap is an answer."""
    sums = entries.annotate(day=TruncDate("held_at", tzinfo=UTC)).values("day").annotate(**_SUMS)
    found = {row["day"]: _spent(row["day"], row) for row in sums}
    first = min(found, default=today)
    days = [today - timedelta(days=back) for back in range((today - first).days + 1)]
    return [found.get(day, Spent(day, 0, None, 0, 0)) for day in days]


def _by(entries: QuerySet[LedgerEntry], *fields: str) -> list[Spent]:
    rows = entries.values(*fields).annotate(**_SUMS).order_by("-credits", "-tokens", *fields)
    return [_spent({name: row[name] for name in fields}, row) for row in rows]


def _by_member(entries: QuerySet[LedgerEntry]) -> list[Spent]:
    rows = entries.values("user").annotate(**_SUMS).order_by("-credits", "-tokens", "user")
    people = User.objects.in_bulk([row["user"] for row in rows if row["user"]])
    return [_spent(people.get(row["user"]), row) for row in rows]


def _recent(entries: QuerySet[LedgerEntry]) -> list[Spent]:
    newest = entries.select_related("user").order_by("-held_at", "-pk")[:_RECENT]
    return [Spent(entry, entry.credits, entry.usd, entry.tokens, 1) for entry in newest]


def _spent(what: Any, row: Mapping[str, Any]) -> Spent:
    return Spent(what, row["credits"], row["usd"], row["tokens"], row["runs"])


def _shared(rows: list[Spent]) -> list[Spent]:
    most = max((row.credits for row in rows), default=0)
    if not most:
        return rows
    return [
        Spent(row.what, row.credits, row.usd, row.tokens, row.runs, share=row.credits / most) for row in rows
    ]
