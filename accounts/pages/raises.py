"""Requests for more of a limit, with the answers that are proposed, and raises that are running."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.utils.timezone import now

from accounts import ledger, money
from accounts.flows.ask_for_raise import ASK_AGAIN_AFTER
from accounts.flows.raise_limit import proposed_end, until_in_words
from accounts.models import LimitRaise, RaiseRequest, RequestState, Unit

if TYPE_CHECKING:
    from uuid import UUID

    from django.core.paginator import Page

    from accounts.models import Limit, Membership, Workspace

# More requests than these are shown once some are answered.
MOST_SHOWN = 10
PER_PAGE = 15
_STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Proposal:
    amount: int
    words: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """An open request, with the answers that a click gives."""

    request: RaiseRequest
    needed: str
    proposals: list[Proposal]
    until: str


@dataclass(frozen=True, slots=True)
class RaiseView:
    raised: LimitRaise
    amount: str
    whom: str
    until: str


def open_requests(workspace: Workspace) -> list[RequestView]:
    """Return the oldest open requests of a workspace."""
    found = RaiseRequest.objects.filter(
        limit__workspace=workspace, state=RequestState.OPEN, member__user__is_active=True
    ).select_related(
        "limit__member", "limit__group", "limit__api_key__member", "limit__workspace", "member__user"
    )
    return [_view(each, each.limit) for each in found.order_by("asked_at", "pk")[:MOST_SHOWN] if each.limit]


def _view(request: RaiseRequest, limit: Limit) -> RequestView:
    amounts = proposed(limit, request.needed)
    proposals = [Proposal(amount, money.in_words(amount, limit.unit)) for amount in amounts]
    until = until_in_words(limit.workspace, proposed_end(limit, now()))
    return RequestView(request, money.in_words(request.needed, limit.unit), proposals, until)


def proposed(limit: Limit, needed: int) -> list[int]:
    """Return up to three round amounts by which a limit may be raised: enough for the prompt, and more.

    The largest doubles the limit, or fits several such prompts: the shortest answer is what a prompt needs.
    """
    is_counted = limit.unit in (Unit.REQUESTS, Unit.CONCURRENT)
    largest = max(limit.amount, needed * (2 if is_counted else 10), 1)
    wanted = (max(needed, limit.amount // 10, 1), max(needed, largest // 2), largest)
    return sorted({rounded_up(each, limit.unit) for each in wanted})


def rounded_up(amount: int, unit: str) -> int:
    """Round up to 1, 2 or 5 times a power of ten; dollars are rounded as dollars.

    >>> rounded_up(4, "requests"), rounded_up(73_000, "tokens"), rounded_up(1, "concurrent")
    (5, 100000, 1)
    >>> money.in_words(rounded_up(8_000_000, "usd"), "usd")
    '$5.00'
    """
    scale = money.CREDITS_PER_USD if Unit(unit).column == "credits" else 1
    exact = Decimal(amount) / scale
    power = Decimal(10) ** exact.adjusted()
    step = next(step for step in _STEPS if step * power >= exact)
    return max(amount, int(step * power * scale))


def asked_for(member: Membership, code: UUID | None) -> RaiseRequest | None:
    """Return the open request of a member for more of the limit with that code."""
    if code is None:
        return None
    asked = RaiseRequest.objects.filter(member=member, limit__code=code, state=RequestState.OPEN)
    # A member who has waited for long may ask again.
    return asked.filter(asked_at__gt=now() - ASK_AGAIN_AFTER).first()


def binds(limit: Limit, member: Membership) -> bool:
    """Tell whether a limit applies to a member."""
    bound = ledger.allowances(member.workspace, member.user)
    return limit.pk in {each.limit.pk for each in bound}


def running_raises(workspace: Workspace, limit: Limit | None = None) -> list[RaiseView]:
    """Return the raises of a workspace or of one limit that have not ended, in the order of their ends."""
    found = LimitRaise.objects.filter(limit__workspace=workspace, ends_at__gt=now())
    if limit is not None:
        found = found.filter(limit=limit)
    related = (
        "limit__member",
        "limit__group",
        "limit__api_key__member",
        "limit__workspace",
        "member",
        "created_by",
    )
    return [_raise_view(each) for each in found.select_related(*related).order_by("ends_at", "pk")]


def raises_page(workspace: Workspace, page: str) -> Page[RaiseView]:
    return Paginator(running_raises(workspace), PER_PAGE).get_page(page or 1)


def _raise_view(raised: LimitRaise) -> RaiseView:
    limit = raised.limit
    whom = raised.member.display_name if raised.member else limit.who
    until = until_in_words(limit.workspace, raised.ends_at)
    return RaiseView(raised, money.in_words(raised.amount, limit.unit), whom, until)
