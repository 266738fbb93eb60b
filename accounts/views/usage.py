from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from accounts import audit as log
from accounts import ledger
from accounts.access import get_membership_for, get_spender_of, require
from accounts.http import streamed
from accounts.ledger.export import COLUMNS
from accounts.models import AuditAction
from accounts.pages.date_range import read_range
from accounts.pages.usage import UsageFilters, usage_context
from accounts.permissions import Action, allows
from accounts.spreadsheets import csv_lines, harmless_name
from accounts.time_zones import has_days_of_utc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse, StreamingHttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.ledger import Allowance
    from accounts.models import Membership, User, Workspace
    from accounts.pages.date_range import DateRange

# Those of corrections may be negative, which no spreadsheet takes for a formula.
_NUMBERS = frozenset({"input_tokens", "output_tokens", "tokens", "usd", "credits"})


@require_safe
@login_required
def usage(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show what the user has used, and what their limits leave."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    return _page(request, membership, request.user, section="usage")


@require_safe
@login_required
def usage_all(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show what all members have used, or one of them."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEE_USAGE)
    number = request.GET.get("person", "")
    person = get_spender_of(membership.workspace, number) if number else None
    return _page(request, membership, person, section="usage_all", is_all=person is None, person=person)


@require_GET
@login_required
def export(request: AuthenticatedHttpRequest, slug: str) -> StreamingHttpResponse:
    """Send every run of the range as CSV: UTF-8 with a byte order mark, times in ISO 8601, exact numbers."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEE_USAGE)
    days = read_range(request.GET.dict())
    log.record(
        membership.workspace,
        AuditAction.EXPORT_USAGE,
        actor=request.user,
        after={"from": days.first, "to": days.last},
    )
    response = streamed(_csv(membership.workspace, days), "text/csv")
    name = f"usage-{slug}-{days.first.isoformat()}-to-{days.last.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _csv(workspace: Workspace, days: DateRange) -> Iterator[str]:
    # Excel reads a file as UTF-8 only if it begins with the mark.
    yield "\ufeff" + csv_lines([COLUMNS])
    for rows in ledger.portions(workspace, days.first, days.last):
        yield csv_lines(map(_guarded, rows), guard=str)


def _fullest_first(allowances: list[Allowance]) -> list[Allowance]:
    return sorted(allowances, key=lambda allowance: allowance.share, reverse=True)


def _guarded(row: list[str]) -> list[str]:
    return [
        cell if column in _NUMBERS else harmless_name(cell) for column, cell in zip(COLUMNS, row, strict=True)
    ]


def _page(
    request: AuthenticatedHttpRequest, membership: Membership, user: User | None, **context: Any
) -> HttpResponse:
    workspace, given = membership.workspace, request.GET.dict()
    days = read_range(given)
    filters = UsageFilters.of({**given, "range": "", "first": "", "last": "", **days.query})
    context |= {
        "workspace": workspace,
        "membership": membership,
        # The days of limits begin elsewhere. It is empty where they begin with those of the page.
        "limits_zone": "" if has_days_of_utc(workspace.time_zone) else workspace.time_zone,
        "can_see_all": allows(membership.role, Action.SEE_USAGE),
        "range_query": urlencode(days.query),
        "is_later": "after" in given,
        "allowances": _fullest_first(ledger.allowances(workspace, user)) if user else [],
        **usage_context(workspace, user, days, filters, given.get("after", "")),
    }
    return render(request, "accounts/usage.html", context)
