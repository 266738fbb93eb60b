"""Sums of a workspace's ledger entries for each day, member and model.

A run counts on the day it was held, in UTC. The transaction that writes an entry adds it to its sum, so the
sums are exact at any moment, and a workspace with a million entries is reported from a few thousand rows.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Field, Sum

from accounts.models import DaySum, LedgerEntry
from accounts.plans import current_connection
from accounts.statements import Written, send

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from django.db.models import QuerySet

    from accounts.models import User, Workspace
    from accounts.statements import Call

USD_PLACES = 9
# The columns of a sum, in the order of the statement.
COUNTED = (
    *("credits", "credits_without_usd", "usd_nanos", "tokens", "input_tokens", "output_tokens"),
    *("requests", "runs", "estimates"),
)

# Being one statement, it lets no two runs that settle at the same moment begin the same sum.
_ADD = Written("""
    INSERT INTO accounts_daysum AS known (
        workspace_id, day, user_id, provider_code, model_id, key_code,
        credits, credits_without_usd, usd_nanos, tokens, input_tokens, output_tokens,
        requests, runs, estimates
    )
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (workspace_id, day, provider_code, model_id, user_id, key_code) DO UPDATE SET
        credits = known.credits + excluded.credits,
        credits_without_usd = known.credits_without_usd + excluded.credits_without_usd,
        usd_nanos = known.usd_nanos + excluded.usd_nanos,
        tokens = known.tokens + excluded.tokens,
        input_tokens = known.input_tokens + excluded.input_tokens,
        output_tokens = known.output_tokens + excluded.output_tokens,
        requests = known.requests + excluded.requests,
        runs = known.runs + excluded.runs,
        estimates = known.estimates + excluded.estimates
""")


class Sums(NamedTuple):
    # These two apply money.cost_in_usd to many entries.
    usd_nanos: int = 0
    credits_without_usd: int = 0
    credits: int = 0
    tokens: int = 0
    runs: int = 0
    # The number of runs whose cost is an estimate, because their tokens or prices were not known. A run that
    # was corrected is not one of them.
    estimates: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


def added(many: Iterable[Sums]) -> Sums:
    columns = list(zip(*many, strict=True))
    return Sums._make(map(sum, columns)) if columns else Sums()


def add(entry: LedgerEntry, *, ends_estimate: bool = False) -> None:
    """Add a new entry to the sum of its day, within the transaction that writes the entry.

    :param ends_estimate: whether it is the first correction of a run whose cost was an estimate.
    """
    send(adding(entry, ends_estimate=ends_estimate))


def adding(entry: LedgerEntry, *, ends_estimate: bool = False) -> Call:
    """Return the same as a part of what is sent together."""
    usd = entry.usd
    amounts = {
        "credits": entry.credits,
        "credits_without_usd": entry.credits if usd is None else 0,
        "usd_nanos": 0 if usd is None else int(usd.scaleb(USD_PLACES)),
        "tokens": entry.tokens,
        "input_tokens": entry.input_tokens,
        "output_tokens": entry.output_tokens,
        "requests": entry.requests,
        "runs": int(entry.number == 0),
        "estimates": int(entry.source == LedgerEntry.Source.ESTIMATED) - int(ends_estimate),
    }
    day = current_connection().ops.adapt_datefield_value(day_of(entry.held_at))
    key = (entry.workspace_id, day, entry.user_id, entry.provider_code, entry.model_id, entry.key_code)
    return _ADD.call([[*key, *(amounts[name] for name in COUNTED)]])


def day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def rounded(usd: Decimal) -> Decimal:
    """Return dollars with the places that the ledger has, so that all databases store the same."""
    return round(usd, USD_PLACES)


def entries_between(workspace: Workspace, first: date, last: date) -> QuerySet[LedgerEntry]:
    """Return the entries of runs that were held from the first to the last day, both included."""
    return LedgerEntry.objects.filter(
        workspace=workspace, held_at__gte=_start(first), held_at__lt=_start(last + timedelta(days=1))
    )


class _WholeSum(Sum):
    # PostgreSQL adds up whole numbers as decimal ones.
    template = "CAST(%(function)s(%(distinct)s%(expressions)s) AS bigint)"


def whole_sum(name: str) -> Sum:
    """Return the sum of a column of whole numbers."""
    # Django passes each value of an integer field through a function, which took longer than the query.
    return _WholeSum(name, output_field=Field())


def sums_by(
    workspace: Workspace, first: date, last: date, user: User | None, *fields: str
) -> dict[tuple[Any, ...], Sums]:
    """Return the sums by the values of these fields, of one user or of everybody if ``user`` is None."""
    rows = DaySum.objects.filter(workspace=workspace, day__gte=first, day__lte=last)
    if user is not None:
        rows = rows.filter(user=user)
    totals = {f"sum_of_{name}": whole_sum(name) for name in Sums._fields}
    grouped = rows.order_by().values(*fields).annotate(**totals).values_list(*fields, *totals)
    return {row[: len(fields)]: Sums._make(row[len(fields) :]) for row in grouped.iterator()}


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
