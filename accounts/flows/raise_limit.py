"""Raises of limits for a while: by an admin of their own accord, or in answer to a request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import now

from accounts import audit, money
from accounts.access import get_limit_of
from accounts.exceptions import RaiseRefused
from accounts.ledger.periods import span_in
from accounts.models import (
    AuditAction,
    LimitRaise,
    LimitWindow,
    NoticeKind,
    Period,
    RaiseRequest,
    RequestState,
    Unit,
)
from accounts.notices import tell, withdraw
from accounts.time_zones import in_words, zone_of

if TYPE_CHECKING:
    from accounts.models import Limit, User, Workspace


@transaction.atomic
def raise_limit(
    limit: Limit, member: User | None, amount: int, ends_at: datetime, reason: str, *, actor: User
) -> LimitRaise:
    """Add ``amount`` to a limit until ``ends_at``, for one member or for everybody whom it concerns.

    :raises Http404: the limit was deleted in the meantime.
    """
    limit.workspace.lock()
    limit = get_limit_of(limit.workspace, limit.code)
    raised = LimitRaise.objects.create(
        limit=limit, member=member, amount=amount, ends_at=ends_at, reason=reason, created_by=actor
    )
    # The thresholds of the current windows are others now.
    LimitWindow.objects.filter(limit=limit).update(notified=0)
    audit.record(
        limit.workspace,
        AuditAction.RAISE_LIMIT,
        actor=actor,
        subject=limit.label,
        code=limit.code,
        after={
            "for": audit.name_of(member) if member else "everybody",
            "more": money.in_words(amount, limit.unit),
            "until": ends_at.isoformat(),
            "reason": reason,
        },
    )
    return raised


@transaction.atomic
def end_raise(raised: LimitRaise, *, actor: User) -> None:
    """End a raise now. What was used of it stays used."""
    raised.limit.workspace.lock()
    running = LimitRaise.objects.filter(pk=raised.pk, ends_at__gt=now())
    if running.update(ends_at=now()):
        limit = raised.limit
        audit.record(
            limit.workspace, AuditAction.END_RAISE, actor=actor, subject=limit.label, code=limit.code
        )


@transaction.atomic
def allow_request(request: RaiseRequest, amount: int, ends_at: datetime, *, actor: User) -> LimitRaise:
    """Raise the limit of a request for the member who asked, and tell them.

    :raises RaiseRefused: the request was answered before, or its limit was deleted.
    """
    limit = _answer(request, RequestState.ALLOWED, actor)
    try:
        raised = raise_limit(limit, request.member.user, amount, ends_at, request.note, actor=actor)
    except Http404:
        raise RaiseRefused("This limit was removed in the meantime.") from None
    RaiseRequest.objects.filter(pk=request.pk).update(raised=raised)
    until = until_in_words(limit.workspace, ends_at)
    more = money.in_words(amount, limit.unit)
    _tell(request, limit, f"{actor.display_name} allows you {more} more until {until}: {limit.label}.")
    return raised


@transaction.atomic
def decline_request(request: RaiseRequest, *, actor: User) -> None:
    """Decline a request, and tell the member who asked.

    :raises RaiseRefused: the request was answered before, or its limit was deleted.
    """
    limit = _answer(request, RequestState.DECLINED, actor)
    audit.record(
        limit.workspace,
        AuditAction.DECLINE_RAISE,
        actor=actor,
        subject=limit.label,
        code=limit.code,
        after={"for": audit.name_of(request.member.user)},
    )
    _tell(request, limit, f"{actor.display_name} does not raise the limit of {limit.label} for you.")


def _answer(request: RaiseRequest, state: RequestState, actor: User) -> Limit:
    """Move an open request to ``state``. The update is conditional, so exactly one answer counts."""
    if request.limit is None:
        raise RaiseRefused("This limit was removed in the meantime.")
    # Locks are taken in the order of the ledger: the workspace comes first.
    request.limit.workspace.lock()
    still_open = RaiseRequest.objects.filter(pk=request.pk, state=RequestState.OPEN)
    if not still_open.update(state=state, answered_at=now(), answered_by=actor):
        raise RaiseRefused("This request was answered in the meantime.")
    withdraw(f"request {request.code}", NoticeKind.RAISE_ASKED)
    return request.limit


def _tell(request: RaiseRequest, limit: Limit, text: str) -> None:
    link = reverse("accounts:limits", args=[limit.workspace.slug])
    tell(
        [request.member], NoticeKind.RAISE_ANSWERED, text, link, "See limits", about=f"request {request.code}"
    )


def until_in_words(workspace: Workspace, ends_at: datetime) -> str:
    """Say when a raise ends, in the time zone of the workspace, as its periods are."""
    zone = zone_of(workspace.time_zone)
    with timezone.override(zone):
        words = in_words(ends_at, "j F, H:i")
    return words if words.endswith(" UTC") else f"{words} ({zone})"


def proposed_end(limit: Limit, at: datetime) -> datetime:
    """Return the end of the limit's period; for short periods, that of the day, and a week for no period."""
    if limit.unit == Unit.CONCURRENT or limit.period in (Period.MINUTE, Period.HOUR):
        period: str = Period.DAY
    else:
        period = limit.period
    return span_in(limit.workspace, period, at).ends_at or at + timedelta(days=7)
