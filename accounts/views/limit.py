"""The page of one limit, whom it exempts, and whether prompts wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_limit_of, get_membership_for, require
from accounts.flows.exempt_from_limit import end_exemption, exempt_from_limit
from accounts.flows.let_wait import let_wait
from accounts.pages.limit import limit_page
from accounts.permissions import Action
from accounts.subjects import exemptible, subject_of

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Limit, Membership


@require_safe
@login_required
def limit(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Show what a limit means, who has used how much of it, and who is exempt."""
    membership, found = _limit(request, slug, code)
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "limits",
        "shown": limit_page(found),
        "found": exemptible(membership.workspace, ""),
    }
    return render(request, "accounts/limit.html", context)


@require_safe
@login_required
def people(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """List the people and groups that can be exempted, as far as a search finds them."""
    membership, found = _limit(request, slug, code)
    words = request.GET.get("who", "")[:200]
    context = {
        "found": exemptible(membership.workspace, words),
        "words": words,
        "limit": found,
        "workspace": membership.workspace,
    }
    return render(request, "accounts/_people_to_exempt.html", context)


@require_POST
@login_required
def exempt(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership, found = _limit(request, slug, code)
    subject = subject_of(membership.workspace, request.POST.get("subject", ""))
    if subject is None or not subject.scope.keys() & {"member", "group"}:
        messages.error(request, "Choose the person or the group to exempt.")
    else:
        scope = {name: subject.scope.get(name) for name in ("member", "group")}
        exempt_from_limit(found, **scope, actor=request.user)
        who = scope["member"] or scope["group"]
        messages.success(request, f"This limit does not count or refuse {who} any more.")
    return redirect("accounts:limit", slug, code)


@require_POST
@login_required
def end(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    _, found = _limit(request, slug, code)
    end_exemption(found, request.POST.get("exemption", ""), actor=request.user)
    messages.success(request, "The limit counts them again from now on.")
    return redirect("accounts:limit", slug, code)


@require_POST
@login_required
def wait(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Let prompts wait for a limit, or refuse them again."""
    _, found = _limit(request, slug, code)
    if not found.can_let_wait:
        messages.error(request, "Prompts can't wait for this limit: it refuses nothing, or for too long.")
        return redirect("accounts:limit", slug, code)
    let_wait(found, request.POST.get("lets_wait") == "yes", actor=request.user)
    happens = "wait" if found.lets_wait else "are refused"
    messages.success(request, f"Prompts that come too early {happens} now.")
    return redirect("accounts:limit", slug, code)


def _limit(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> tuple[Membership, Limit]:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_LIMITS)
    return membership, get_limit_of(membership.workspace, code)
