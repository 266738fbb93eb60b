"""The audit of the ledger: windows, holds and entries must agree."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Sum
from django.utils.timezone import now

from accounts.ledger.periods import span_at
from accounts.ledger.windows import Tally, tally
from accounts.models import Hold, HoldPart, LedgerEntry, LimitWindow

if TYPE_CHECKING:
    from collections.abc import Iterator

# No run lasts this long, so an older open hold was never closed.
_OLDEST_HOLD = timedelta(hours=24)


def audit() -> list[str]:
    """Compare all windows, holds and entries; return one line per disagreement."""
    with transaction.atomic():
        _take_snapshot()
        return [*_windows(), *_holds(), *_entries()]


def _take_snapshot() -> None:
    # SQLite reads a transaction from one snapshot. PostgreSQL would give each query a snapshot of its own,
    # and runs that settle in between would look like errors. It accepts this as the first statement only.
    if connection.vendor == "postgresql" and not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _windows() -> Iterator[str]:
    windows = LimitWindow.objects.select_related("limit__workspace").order_by("pk")
    for window in windows.iterator():
        stored = Tally(window.used, window.held)
        computed = tally(window.limit, span_at(window.limit.period, window.starts_at))
        if stored != computed:
            yield (
                f"window {window.pk} ({window.limit.workspace}, {window.limit.label}): "
                f"stores {stored.used} used and {stored.held} held, computed are {computed.used} and "
                f"{computed.held}"
            )
        parts = HoldPart.objects.filter(window=window, hold__state=Hold.State.OPEN)
        held = parts.aggregate(total=Sum("amount"))["total"] or 0
        if held != window.held:
            yield f"window {window.pk} ({window.limit.label}): {window.held} held, its parts add up to {held}"


def _holds() -> Iterator[str]:
    entry = LedgerEntry.objects.filter(run_code=OuterRef("run_code"))
    settled = Hold.objects.filter(state=Hold.State.SETTLED).exclude(Exists(entry))
    for code in settled.values_list("run_code", flat=True):
        yield f"run {code}: settled without a ledger entry"
    unsettled = Hold.objects.exclude(state=Hold.State.SETTLED).filter(Exists(entry))
    for code, state in unsettled.values_list("run_code", "state"):
        yield f"run {code}: has a ledger entry, but its hold is {state}"
    forgotten = Hold.objects.filter(state=Hold.State.OPEN, created_at__lt=now() - _OLDEST_HOLD)
    for code, created_at in forgotten.values_list("run_code", "created_at"):
        yield f"run {code}: held since {created_at:%Y-%m-%d %H:%M} UTC"


def _entries() -> Iterator[str]:
    hold = Hold.objects.filter(run_code=OuterRef("run_code"))
    for code in LedgerEntry.objects.exclude(Exists(hold)).values_list("run_code", flat=True):
        yield f"run {code}: a ledger entry without a hold"
