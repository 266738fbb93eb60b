"""The windows of limits: found, computed from holds and entries, and opened."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.db.models import BigIntegerField, DateTimeField, F, FilteredRelation, Q, Sum

from accounts.ledger.day_sums import day_of
from accounts.ledger.periods import span_at
from accounts.models import DaySum, Hold, HoldPart, LedgerEntry, Limit, LimitWindow, Period, Unit
from accounts.prepared import prepared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from accounts.ledger.periods import Span
    from accounts.models import User, Workspace

_Row = TypeVar("_Row", Hold, LedgerEntry, DaySum)


class Tally(NamedTuple):
    used: int
    held: int


def limits_for(workspace: Any, user: Any) -> QuerySet[Limit]:
    """Return every limit that applies to a run of ``user``, in the order in which they are locked.

    Both may also be keys, or parameters of a prepared query.
    """
    whose = Q(member__isnull=True) | Q(member=user)
    return Limit.objects.filter(whose, workspace=workspace).order_by("pk")


def tally_of_entries(limit: Limit, span: Span) -> Tally:
    """Compute a window from holds and entries alone, however many there are."""
    return _tallies([limit], span, _entries([limit], span))[limit.pk]


def tallies(limits: Iterable[Limit], at: datetime) -> dict[int, Tally]:
    """Compute the windows for the periods that contain ``at``, by limit, in two queries per period."""
    alike = defaultdict(list)
    for limit in limits:
        alike[limit.workspace_id, limit.period].append(limit)
    found: dict[int, Tally] = {}
    for (_, period), group in alike.items():
        span = span_at(period, at)
        found |= _tallies(group, span, _day_sums(group, span))
    return found


def _tallies(limits: Sequence[Limit], span: Span, costs: QuerySet[Any]) -> dict[int, Tally]:
    """Compute the windows of limits that share a workspace and a span, from entries or from sums of them."""
    used, held = _by_user(costs), _by_user(open_holds(limits, span))
    return {limit.pk: Tally(_total(used, limit), _total(held, limit)) for limit in limits}


def _by_user(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    return list(rows.order_by().values("user").annotate(*(Sum(unit) for unit in Unit.values)))


def _total(rows: list[dict[str, Any]], limit: Limit) -> int:
    counted = (row for row in rows if limit.member_id in (None, row["user"]))
    # PostgreSQL adds up whole numbers as decimal ones.
    return int(sum(row[f"{limit.unit}__sum"] for row in counted))


def open_holds(limits: Sequence[Limit], span: Span) -> QuerySet[Hold]:
    """Return the open holds that count against any of the limits, all of one workspace."""
    holds = _of_members(Hold.objects.filter(state=Hold.State.OPEN), limits).filter(
        created_at__gte=span.starts_at
    )
    return holds.filter(created_at__lt=span.ends_at) if span.ends_at else holds


def _entries(limits: Sequence[Limit], span: Span) -> QuerySet[LedgerEntry]:
    entries = _of_members(LedgerEntry.objects.all(), limits).filter(held_at__gte=span.starts_at)
    return entries.filter(held_at__lt=span.ends_at) if span.ends_at else entries


def _day_sums(limits: Sequence[Limit], span: Span) -> QuerySet[DaySum]:
    sums = _of_members(DaySum.objects.all(), limits).filter(day__gte=day_of(span.starts_at))
    return sums.filter(day__lt=day_of(span.ends_at)) if span.ends_at else sums


def _of_members(rows: QuerySet[_Row], limits: Sequence[Limit]) -> QuerySet[_Row]:
    rows = rows.filter(workspace=limits[0].workspace_id)
    members = {limit.member_id for limit in limits}
    return rows if None in members else rows.filter(user__in=members)


def with_current_windows(limits: QuerySet[Limit], at: datetime) -> Iterator[tuple[Limit, Tally | None]]:
    """Yield each limit with its window for the period that contains ``at``, or None, from one query."""
    return _tallied(_with_windows(limits, starts_of_periods(at)))


def current_windows_for(
    workspace: Workspace, user: User, at: datetime
) -> Iterator[tuple[Limit, Tally | None]]:
    """Do the same for every limit that applies to a run of ``user``."""
    return _tallied(_windows_for(workspace=workspace.pk, user=user.pk, **starts_of_periods(at)))


def starts_of_periods(at: datetime) -> dict[str, datetime]:
    return {period: span_at(period, at).starts_at for period in Period.values}


@prepared(
    workspace=BigIntegerField(),
    user=BigIntegerField(),
    **{period: DateTimeField() for period in Period.values},
)
def _windows_for(workspace: Any, user: Any, **starts: Any) -> QuerySet[Limit]:
    return _with_windows(limits_for(workspace, user), starts)


def _with_windows(limits: QuerySet[Limit], starts: Mapping[str, Any]) -> QuerySet[Limit]:
    current = Q()
    for period, starts_at in starts.items():
        current |= Q(period=period, windows__starts_at=starts_at)
    # The name becomes SQL, and "window" is a reserved word in PostgreSQL.
    return limits.annotate(
        current=FilteredRelation("windows", condition=current),
        window=F("current__pk"),
        used=F("current__used"),
        held=F("current__held"),
    )


def _tallied(limits: Iterable[Any]) -> Iterator[tuple[Limit, Tally | None]]:
    for limit in limits:
        yield limit, None if limit.used is None else Tally(limit.used, limit.held)


def open_windows(workspace: Workspace, user: User, at: datetime) -> list[tuple[Limit, LimitWindow]]:
    """Return every limit that applies to a run of ``user``, with its window for the period of ``at``.

    Missing windows are opened. Needs the workspace's lock. A window starts with the sums of its period so
    far: a limit that is set at noon counts the morning. Open holds become parts of the window, so that they
    settle into it.
    """
    limits: Any = _windows_for(workspace=workspace.pk, user=user.pk, **starts_of_periods(at))
    return [
        (limit, _window_of(limit) if limit.window else _open_window(limit, span_at(limit.period, at)))
        for limit in limits
    ]


def _window_of(limit: Any) -> LimitWindow:
    """Return the window that was read with its limit."""
    return LimitWindow(pk=limit.window, limit=limit, used=limit.used, held=limit.held)


def _open_window(limit: Limit, span: Span) -> LimitWindow:
    # The holds are locked before costs are summed, so a run that settles at the same moment counts once.
    holds = list(open_holds([limit], span).select_for_update().order_by("pk"))
    used, held = tallies([limit], span.starts_at)[limit.pk]
    window = LimitWindow.objects.create(limit=limit, starts_at=span.starts_at, used=used, held=held)
    HoldPart.objects.bulk_create(
        HoldPart(hold=hold, window=window, amount=getattr(hold, limit.unit)) for hold in holds
    )
    return window
