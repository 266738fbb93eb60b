"""Sums of a workspace's ledger entries for each day, by member and by model.

A run counts on the day it was held, in UTC. A day that is over gets few more entries, and from a day later on
none: its sums are kept in the cache, so a workspace with a million entries is reported from a few hundred
sums. An entry that comes late drops the sums of its day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.cache import cache
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate
from django.utils.timezone import now

from accounts.models import LedgerEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.db.models import QuerySet
    from django.db.models.sql.compiler import SQLCompiler

    from accounts.models import User, Workspace

# Runs of a day end within another day.
_CLOSES_AFTER = timedelta(days=1)
_KEPT_SECONDS = 12 * 3600
# The sums of yesterday are kept shortly: a run may settle between their computation and their storage.
_KEPT_SECONDS_WHILE_RUNS_END = 60

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


class UtcDay(TruncDate):
    """The day of a time in UTC."""

    def as_sqlite(
        self, compiler: SQLCompiler, connection: Any, **_: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        # Times are stored as text, in UTC. Django's own function would be called in Python for each row.
        sql, params = compiler.compile(self.lhs)
        return f"substr({sql}, 1, 10)", tuple(params)


_DAY = UtcDay("held_at", tzinfo=UTC)


class Sums(NamedTuple):
    reported_usd: Decimal = Decimal(0)
    credits_without_usd: int = 0
    credits: int = 0
    tokens: int = 0
    runs: int = 0
    # The number of runs whose cost is an estimate, because their tokens or prices were not known.
    estimates: int = 0

    def plus(self, other: Sums) -> Sums:
        return Sums(
            self.reported_usd + other.reported_usd,
            self.credits_without_usd + other.credits_without_usd,
            self.credits + other.credits,
            self.tokens + other.tokens,
            self.runs + other.runs,
            self.estimates + other.estimates,
        )


@dataclass(slots=True)
class DaySums:
    # The keys of users; None for people whose account was deleted.
    by_member: dict[int | None, Sums] = field(default_factory=dict)
    # Codes of providers with ids of models.
    by_model: dict[tuple[str, str], Sums] = field(default_factory=dict)


def entries_between(workspace: Workspace, first: date, last: date) -> QuerySet[LedgerEntry]:
    """Return the entries of runs that were held from the first to the last day, both included."""
    return LedgerEntry.objects.filter(
        workspace=workspace, held_at__gte=_start(first), held_at__lt=_start(last + timedelta(days=1))
    )


def sums_of(workspace: Workspace, first: date, last: date) -> dict[date, DaySums]:
    """Return the sums of each day with entries, for the whole workspace."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    keys = {_key(workspace.pk, day): day for day in days if _is_over(day)}
    found: dict[date, DaySums] = {keys[key]: sums for key, sums in cache.get_many(keys).items()}
    missing = [day for day in days if day not in found]
    if missing:
        fresh = _computed(workspace, missing)
        found |= fresh
        _keep(workspace, {day: sums for day, sums in fresh.items() if _is_over(day)})
    return {day: sums for day, sums in sorted(found.items()) if sums.by_model}


def _keep(workspace: Workspace, sums: dict[date, DaySums]) -> None:
    for is_closed in (True, False):
        kept = {_key(workspace.pk, day): each for day, each in sums.items() if _is_closed(day) == is_closed}
        cache.set_many(kept, timeout=_KEPT_SECONDS if is_closed else _KEPT_SECONDS_WHILE_RUNS_END)


def sums_of_user(workspace: Workspace, user: User, first: date, last: date) -> dict[date, DaySums]:
    """Return the sums of each day with entries, by model alone, for the few entries of one person."""
    found: dict[date, DaySums] = {}
    entries = entries_between(workspace, first, last).filter(user=user)
    for day, provider, model, *sums in _grouped(entries, "provider_code", "model_id"):
        found.setdefault(day, DaySums()).by_model[provider, model] = Sums(*sums)
    return found


def forget(workspace_id: int, held_at: datetime) -> None:
    """Drop the kept sums of a day that got an entry late."""
    day = held_at.astimezone(UTC).date()
    if _is_over(day):
        cache.delete(_key(workspace_id, day))


def _computed(workspace: Workspace, missing: list[date]) -> dict[date, DaySums]:
    entries = entries_between(workspace, missing[0], missing[-1])
    found = {day: DaySums() for day in missing}
    for day, provider, model, *sums in _grouped(entries, "provider_code", "model_id"):
        found.setdefault(day, DaySums()).by_model[provider, model] = Sums(*sums)
    for day, user, *sums in _grouped(entries, "user"):
        found.setdefault(day, DaySums()).by_member[user] = Sums(*sums)
    return found


def _grouped(entries: QuerySet[LedgerEntry], *fields: str) -> Iterator[tuple[Any, ...]]:
    days = entries.order_by().annotate(day=_DAY).values("day", *fields)
    yield from days.annotate(**_SUMS).values_list("day", *fields, *_SUMS)


def _is_over(day: date) -> bool:
    return _start(day + timedelta(days=1)) <= now()


def _is_closed(day: date) -> bool:
    return _start(day + timedelta(days=1)) + _CLOSES_AFTER <= now()


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _key(workspace_id: int, day: date) -> str:
    return f"day-sums:{workspace_id}:{day.isoformat()}"
