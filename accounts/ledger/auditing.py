"""The audit of the ledger: windows, holds, entries and their sums must agree."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import BigIntegerField, Count, DecimalField, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Cast, Round, TruncDate
from django.utils.timezone import now

from accounts.ledger.day_sums import COUNTED, USD_PLACES
from accounts.ledger.tallies import Tally
from accounts.ledger.windows import is_of_a_fixed_kind, tally_of_entries
from accounts.models import DaySum, Hold, HoldPart, LedgerEntry, LimitWindow, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Expression, QuerySet
    from django.db.models.sql.compiler import SQLCompiler


class UtcDay(TruncDate):
    """The day of a time in UTC."""

    def as_sqlite(
        self, compiler: SQLCompiler, connection: Any, **_: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        # Times are stored as text, in UTC. Django's own function would be called in Python for each row.
        sql, params = compiler.compile(self.lhs)
        return f"substr({sql}, 1, 10)", tuple(params)


_KEY = ("workspace", "day", "user", "provider_code", "model_id", "key_code")
# A correction replaces the estimate of its run.
_ESTIMATE = LedgerEntry.objects.filter(
    run_code=OuterRef("run_code"), number=0, source=LedgerEntry.Source.ESTIMATED
)
_STORED: dict[str, Expression] = {f"sum_of_{name}": Sum(name) for name in COUNTED}
_NANOS = Cast(Round(F("usd") * 10**USD_PLACES, output_field=DecimalField()), BigIntegerField())
# These are the sums of COUNTED, in the same order.
_COMPUTED: dict[str, Expression] = {
    "sum_of_credits": Sum("credits"),
    "sum_of_credits_without_usd": Sum("credits", filter=Q(usd=None)),
    "sum_of_usd_nanos": Sum(_NANOS),
    "sum_of_tokens": Sum("tokens"),
    "sum_of_input_tokens": Sum("input_tokens"),
    "sum_of_output_tokens": Sum("output_tokens"),
    "sum_of_requests": Sum("requests"),
    "sum_of_runs": Count("pk", filter=Q(number=0)),
    "sum_of_estimates": Count("pk", filter=Q(source=LedgerEntry.Source.ESTIMATED))
    - Count("pk", filter=Q(Exists(_ESTIMATE), number=1)),
}
# No run lasts this long, so an older open hold was never closed.
_OLDEST_HOLD = timedelta(hours=24)


def audit() -> list[str]:
    """Compare all windows, holds, entries and sums; return one line per disagreement."""
    with transaction.atomic():
        _take_snapshot()
        return [*_windows(), *_holds(), *_entries(), *_day_sums()]


def _take_snapshot() -> None:
    # SQLite reads a transaction from one snapshot. PostgreSQL would give each query a snapshot of its own,
    # and runs that settle in between would look like errors. It accepts this as the first statement only.
    if connection.vendor == "postgresql" and not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _windows() -> Iterator[str]:
    # Another time zone or first weekday of the workspace ends its periods early: their windows overlap those
    # that came after, and which of two counted a run is known from the parts of its hold alone.
    others = LimitWindow.objects.filter(
        Q(member=OuterRef("member")) | Q(member=None),
        limit=OuterRef("limit"),
        starts_at__lt=OuterRef("ends_at"),
        ends_at__gt=OuterRef("starts_at"),
    ).exclude(pk=OuterRef("pk"))
    windows = LimitWindow.objects.select_related("limit__workspace", "limit__api_key").order_by("pk")
    for window in windows.annotate(overlaps=Exists(others)).iterator():
        yield from _window(window, overlaps=window.overlaps)


def _window(window: LimitWindow, *, overlaps: bool) -> Iterator[str]:
    limit = window.limit
    name = f"window {window.pk} ({limit.workspace}, {limit.label})"
    if is_of_a_fixed_kind(limit) and not overlaps:
        stored, computed = Tally(window.used, window.held), tally_of_entries(window)
        if stored != computed:
            yield (
                f"{name}: stores {stored.used} used and {stored.held} held, computed are {computed.used} and "
                f"{computed.held}"
            )
    parts = HoldPart.objects.filter(window=window)
    held = parts.filter(hold__state=Hold.State.OPEN).aggregate(total=Sum("amount"))["total"] or 0
    if held != window.held:
        yield f"{name}: {window.held} held, its parts add up to {held}"
    if window.opened_with is not None:
        column = Unit(limit.unit).column
        runs = parts.filter(hold__state=Hold.State.SETTLED).values("hold__run_code")
        entries = LedgerEntry.objects.filter(run_code__in=runs)
        used = (entries.aggregate(total=Sum(column))["total"] or 0) if column else 0
        if window.opened_with + used != window.used:
            yield f"{name}: {window.used} used, {window.opened_with} at its beginning and {used} by its parts"


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
    own = LedgerEntry.objects.filter(run_code=OuterRef("run_code"), number=0)
    for code in LedgerEntry.objects.exclude(number=0).exclude(Exists(own)).values_list("run_code", flat=True):
        yield f"run {code}: a correction without an entry"
    hold = Hold.objects.filter(run_code=OuterRef("run_code"))
    for code in LedgerEntry.objects.exclude(Exists(hold)).values_list("run_code", flat=True):
        yield f"run {code}: a ledger entry without a hold"


def _day_sums() -> Iterator[str]:
    stored = {key: tuple(sums) for key, sums in _by_key(DaySum.objects.all(), _STORED)}
    days = LedgerEntry.objects.annotate(day=UtcDay("held_at", tzinfo=UTC))
    computed = {key: tuple(sums) for key, sums in _by_key(days, _COMPUTED)}
    for key in sorted(stored.keys() | computed.keys(), key=str):
        if stored.get(key) != computed.get(key):
            named = dict(zip(_KEY, key, strict=True))
            yield (
                f"sums of {named['day']} (workspace {named['workspace']}, user {named['user']}, "
                f"{named['provider_code']}, {named['model_id']}): stores {_in_words(stored.get(key))}, "
                f"computed are {_in_words(computed.get(key))}"
            )


def _by_key(rows: QuerySet[Any], sums: dict[str, Expression]) -> Iterator[tuple[tuple[Any, ...], list[int]]]:
    found = rows.order_by().values(*_KEY).annotate(**sums).values_list(*_KEY, *sums)
    for row in found.iterator():
        yield row[: len(_KEY)], [int(each or 0) for each in row[len(_KEY) :]]


def _in_words(sums: tuple[int, ...] | None) -> str:
    return (
        ", ".join(f"{sum_} {name}" for sum_, name in zip(sums, COUNTED, strict=True)) if sums else "nothing"
    )
