"""The windows of limits: found, computed from the books, opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import F, FilteredRelation, Q, Sum

from accounts.ledger.periods import span_at
from accounts.models import Hold, HoldPart, LedgerEntry, Limit, LimitWindow, Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from django.db.models import QuerySet

    from accounts.ledger.periods import Span
    from accounts.models import User, Workspace


class Tally(NamedTuple):
    used: int
    held: int


def limits_for(workspace: Workspace, user: User) -> QuerySet[Limit]:
    """Every limit that a run of ``user`` counts against, in the order of their locks."""
    whose = Q(member__isnull=True) | Q(member=user)
    return Limit.objects.filter(whose, workspace=workspace).order_by("pk")


def tally(limit: Limit, span: Span) -> Tally:
    """What a window must say, computed from holds and entries alone."""
    used = _entries(limit, span).aggregate(total=Sum(limit.unit))["total"]
    held = open_holds(limit, span).aggregate(total=Sum(limit.unit))["total"]
    return Tally(used or 0, held or 0)


def open_holds(limit: Limit, span: Span) -> QuerySet[Hold]:
    holds = Hold.objects.filter(
        workspace=limit.workspace_id, state=Hold.State.OPEN, created_at__gte=span.starts_at
    )
    if span.ends_at:
        holds = holds.filter(created_at__lt=span.ends_at)
    return holds.filter(user=limit.member_id) if limit.member_id else holds


def _entries(limit: Limit, span: Span) -> QuerySet[LedgerEntry]:
    entries = LedgerEntry.objects.filter(workspace=limit.workspace_id, held_at__gte=span.starts_at)
    if span.ends_at:
        entries = entries.filter(held_at__lt=span.ends_at)
    return entries.filter(user=limit.member_id) if limit.member_id else entries


def with_current_windows(limits: QuerySet[Limit], at: datetime) -> Iterator[tuple[Limit, Tally | None]]:
    """Each limit with its window for the period around ``at``, None where none is open: one query."""
    current = Q()
    for period in Period.values:
        current |= Q(period=period, windows__starts_at=span_at(period, at).starts_at)
    # Not named "window": the name becomes SQL, where PostgreSQL has that word for itself.
    found = limits.annotate(
        current=FilteredRelation("windows", condition=current),
        used=F("current__used"),
        held=F("current__held"),
    )
    for limit in found:
        yield limit, None if limit.used is None else Tally(limit.used, limit.held)


def current_windows(limits: Iterable[Limit], at: datetime) -> dict[int, LimitWindow]:
    """The windows that exist for the periods around ``at``, by limit."""
    by_limit = {limit.pk: span_at(limit.period, at).starts_at for limit in limits}
    windows = LimitWindow.objects.filter(limit__in=by_limit, starts_at__in=set(by_limit.values()))
    return {window.limit_id: window for window in windows if window.starts_at == by_limit[window.limit_id]}


def open_windows(limits: Iterable[Limit], at: datetime) -> dict[int, LimitWindow]:
    """Like :func:`current_windows`, and open those that are missing. Under the workspace's lock.

    A window starts from what the books say already: a limit that an admin sets at noon counts
    the morning. The holds that are open now become parts of it, so that they settle into it.
    """
    limits = list(limits)
    windows = current_windows(limits, at)
    for limit in limits:
        if limit.pk not in windows:
            windows[limit.pk] = _open_window(limit, span_at(limit.period, at))
    return windows


def _open_window(limit: Limit, span: Span) -> LimitWindow:
    # Locked first, read after: a run that settles meanwhile is then either an entry or a part.
    holds = list(open_holds(limit, span).select_for_update().order_by("pk"))
    used, held = tally(limit, span)
    window = LimitWindow.objects.create(limit=limit, starts_at=span.starts_at, used=used, held=held)
    HoldPart.objects.bulk_create(
        HoldPart(hold=hold, window=window, amount=getattr(hold, limit.unit)) for hold in holds
    )
    return window
