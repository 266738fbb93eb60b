from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import ledger
from accounts.access import get_membership_for, require
from accounts.permissions import Action, allows

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership


@require_safe
@login_required
def usage(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show what the user has used, and what their limits leave."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    return _page(
        request,
        membership,
        section="usage",
        allowances=ledger.allowances(membership.workspace, request.user),
        report=ledger.report(membership.workspace, request.user),
    )


@require_safe
@login_required
def usage_all(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show what all members have used."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEE_USAGE)
    return _page(
        request, membership, section="usage_all", is_all=True, report=ledger.report(membership.workspace)
    )


def _page(request: AuthenticatedHttpRequest, membership: Membership, **context: Any) -> HttpResponse:
    context |= {
        "workspace": membership.workspace,
        "membership": membership,
        "can_see_all": allows(membership.role, Action.SEE_USAGE),
    }
    return render(request, "accounts/usage.html", context)
