"""The runs of a report one by one, in portions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.ledger.day_sums import entries_between
from accounts.ledger.spent import Spent
from accounts.models import LedgerEntry
from accounts.money import cost_in_usd

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.ledger.breakdowns import Days

_RUNS = 25


@dataclass(frozen=True, slots=True)
class Runs:
    """Some of the runs of a report, the newest first."""

    rows: list[Spent]
    # The key of the entry after which the next ones follow; None at the end.
    next: int | None


def runs(days: Days, after: str) -> Runs:
    """Return a portion of the runs.

    :param after: the key of the last entry of the portion before; another text for the first portion.
    """
    entries = entries_between(days.workspace, days.first, days.last)
    if days.user is not None:
        entries = entries.filter(user=days.user)
    known = entries.filter(pk=after).first() if after.isdecimal() and len(after) < 19 else None
    found = list(_before(entries, known).select_related("user")[: _RUNS + 1])
    rows = [_of(entry) for entry in found[:_RUNS]]
    return Runs(rows, found[_RUNS - 1].pk if len(found) > _RUNS else None)


def _before(entries: QuerySet[LedgerEntry], known: LedgerEntry | None) -> QuerySet[LedgerEntry]:
    if known is not None:
        # Two comparisons joined by "or" would not use the index.
        entries = entries.filter(held_at__lte=known.held_at).exclude(held_at=known.held_at, pk__gte=known.pk)
    return entries.order_by("-held_at", "-pk")


def _of(entry: LedgerEntry) -> Spent:
    usd = cost_in_usd(entry.usd, entry.credits)
    is_estimated = entry.source == LedgerEntry.Source.ESTIMATED
    return Spent(entry, entry.credits, usd, entry.tokens, 1, int(is_estimated))
