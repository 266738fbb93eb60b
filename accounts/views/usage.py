from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from accounts import ledger
from accounts.access import get_membership_for, require
from accounts.ledger.export import COLUMNS
from accounts.pages.date_range import PRESETS, read_range
from accounts.pages.spending import SpendingFilters, spending_page
from accounts.permissions import Action, allows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership, User, Workspace
    from accounts.pages.date_range import DateRange


# A spreadsheet takes a cell that begins with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    """Show what all members have used."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEE_USAGE)
    return _page(request, membership, None, section="usage_all", is_all=True)


@require_GET
@login_required
def export(request: AuthenticatedHttpRequest, slug: str) -> StreamingHttpResponse:
    """Send every run of the range as CSV: UTF-8 with a byte order mark, times in ISO 8601, exact numbers."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEE_USAGE)
    days = read_range(request.GET.dict())
    response = StreamingHttpResponse(_csv(membership.workspace, days), content_type="text/csv; charset=utf-8")
    name = f"usage-{slug}-{days.first.isoformat()}-to-{days.last.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


async def _csv(workspace: Workspace, days: DateRange) -> AsyncIterator[str]:
    # This is asynchronous because Django reads an ordinary iterator to its end before it sends anything.
    # Excel reads a file as UTF-8 only if it begins with the mark.
    yield "\ufeff" + _lines([COLUMNS])
    portions = ledger.portions(workspace, days.first, days.last)
    while rows := await sync_to_async(_next)(portions):
        yield _lines(rows)


def _next(portions: Iterator[list[list[str]]]) -> list[list[str]]:
    return next(portions, [])


def _lines(rows: Iterable[Iterable[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from running a name as a formula. Our numbers are never negative."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _page(
    request: AuthenticatedHttpRequest, membership: Membership, user: User | None, **context: Any
) -> HttpResponse:
    workspace, given = membership.workspace, request.GET.dict()
    days = read_range(given)
    report = ledger.report(workspace, days.first, days.last, user)
    filters = SpendingFilters.of({**given, "range": "", "first": "", "last": "", **days.query})
    context |= {
        "workspace": workspace,
        "membership": membership,
        "can_see_all": allows(membership.role, Action.SEE_USAGE),
        "days": days,
        "presets": PRESETS,
        "range_query": urlencode(days.query),
        "report": report,
        "runs": ledger.runs(workspace, days.first, days.last, user, given.get("after", "")),
        "is_later": "after" in given,
        "filters": filters,
        "page": spending_page(report.by_member, filters),
    }
    return render(request, "accounts/usage.html", context)
