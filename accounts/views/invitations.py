"""Invitations of many people at once, and the list of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_invitation_of, get_membership_for, require
from accounts.flows.export_links import export_links
from accounts.flows.invite import roles_to_give
from accounts.flows.invite_many import MOST_AT_ONCE, check_list, invite_many
from accounts.flows.resend_invitation import DAYS, resend_invitation
from accounts.forms.invitation_lists import InvitationListForm
from accounts.pages.invitations import InvitationFilters, invitations_page
from accounts.permissions import Action

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership


@require_safe
@login_required
def invitations(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = _admin(request, slug)
    filters = InvitationFilters.of(request.GET.dict())
    page = invitations_page(membership.workspace, filters)
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "people",
        "filters": filters,
        "page": page,
        "found": page.paginator.count,
    }
    return render(request, "accounts/invitations.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def many(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Read a list of people, show what it means, and invite them once that is confirmed."""
    membership = _admin(request, slug)
    workspace, roles = membership.workspace, roles_to_give(membership)
    form = InvitationListForm(workspace, roles, request.POST or None, request.FILES or None)
    context = {
        "workspace": workspace,
        "membership": membership,
        "section": "people",
        "form": form,
        "most": MOST_AT_ONCE,
        "has_mail": settings.HAS_MAIL,
    }
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/invite_many.html", context)
    chosen = form.cleaned_data
    if "confirmed" not in request.POST:
        lines = check_list(membership, chosen["text"], chosen["role"], chosen["groups"])
        context |= {
            "lines": lines,
            "chosen": chosen,
            "good": sum(not line.trouble for line in lines),
            "bad": sum(bool(line.trouble) for line in lines),
        }
        return render(request, "accounts/invite_many_found.html", context)
    if not ratelimit.consume(request, action="invitations", user=request.user):
        refusal: HttpResponse = ratelimit.respond_429(request)
        return refusal
    made = invite_many(
        workspace, chosen["text"], chosen["role"], chosen["groups"], chosen["days"], actor=request.user
    )
    _tell(request, len(made))
    return redirect("accounts:invitations", slug)


def _tell(request: AuthenticatedHttpRequest, count: int) -> None:
    if not count:
        messages.warning(request, "Nobody was invited: all of them were invited before, or have joined.")
        return
    people = "1 person is" if count == 1 else f"{count} people are"
    how = "Their mails are on their way." if settings.HAS_MAIL else "Download their links and send them."
    messages.success(request, f"{people} invited. {how}")


@require_POST
@login_required
def resend(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = _admin(request, slug)
    invitation = get_invitation_of(membership.workspace, code)
    if resend_invitation(invitation, actor=request.user):
        how = "The mail is on its way. " if settings.HAS_MAIL else ""
        messages.success(request, f"{how}The link of {invitation.email} works for {DAYS} more days.")
    else:
        messages.warning(request, "This invitation was used or revoked, or is for no address.")
    return redirect("accounts:invitations", slug)


@require_POST
@login_required
def links(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Send the links of the open invitations as CSV, for a server that cannot send mail."""
    membership = _admin(request, slug)
    text = export_links(membership, actor=request.user)
    headers = {"Content-Disposition": f'attachment; filename="invitations-{slug}.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


def _admin(request: AuthenticatedHttpRequest, slug: str) -> Membership:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PEOPLE)
    return membership
