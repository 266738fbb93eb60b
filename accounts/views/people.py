from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_invitation_of, get_member_of, get_membership_for, require
from accounts.exceptions import MembershipRefused
from accounts.flows import change_membership
from accounts.flows.invite import invite as make_invitation
from accounts.flows.invite import open_invitations, revoke_invitation, roles_to_give
from accounts.forms.people import InvitationForm
from accounts.models import Invitation, Membership, Role
from accounts.permissions import Action, allows

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest

# The order in which people look for who to ask.
_RANKS = {role: rank for rank, role in enumerate((Role.OWNER, Role.ADMIN, Role.MEMBER, Role.VIEWER))}


@require_safe
@login_required
def people(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    return _page(request, membership, InvitationForm(roles_to_give(membership)))


@never_cache
@require_POST
@login_required
def invite(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PEOPLE)
    form = InvitationForm(roles_to_give(membership), request.POST)
    if not form.is_valid():
        return _page(request, membership, form)
    chosen = form.cleaned_data
    invitation, token = make_invitation(membership, chosen["role"], chosen["note"], chosen["days"])
    # Shown in the answer itself: to redirect, the link would have to be kept somewhere.
    link = request.build_absolute_uri(reverse("accounts:join", args=[token]))
    fresh = InvitationForm(roles_to_give(membership))
    return _page(request, membership, fresh, link=link, invitation=invitation)


@require_POST
@login_required
def revoke(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PEOPLE)
    if revoke_invitation(get_invitation_of(membership.workspace, code)):
        messages.success(request, "Invitation revoked. Its link no longer works.")
    else:
        messages.warning(request, "That invitation was closed already.")
    return redirect("accounts:people", slug)


@require_POST
@login_required
def change_role(request: AuthenticatedHttpRequest, slug: str, number: int) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PEOPLE)
    member = get_member_of(membership.workspace, number)
    role = request.POST.get("role", "")
    try:
        change_membership.change_role(membership, member, role)
    except MembershipRefused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, f"{member.user.display_name}: {Role(role).label.lower()}.")
    return redirect("accounts:people", slug)


@require_POST
@login_required
def remove(request: AuthenticatedHttpRequest, slug: str, number: int) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PEOPLE)
    member = get_member_of(membership.workspace, number)
    try:
        change_membership.remove_member(membership, member)
    except MembershipRefused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, f"{member.user.display_name} is no longer in {membership.workspace}.")
    # Somebody who removed themselves has nothing left to see here.
    return redirect("accounts:profile") if member.pk == membership.pk else redirect("accounts:people", slug)


@require_POST
@login_required
def leave(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    try:
        change_membership.remove_member(membership, membership)
    except MembershipRefused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, f"You left {membership.workspace}.")
    return redirect("accounts:profile")


def _page(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    form: InvitationForm,
    *,
    link: str = "",
    invitation: Invitation | None = None,
) -> HttpResponse:
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "people",
        "rows": _rows(membership),
        "roles": roles_to_give(membership),
        "can_manage": allows(membership.role, Action.MANAGE_PEOPLE),
        "form": form,
        "link": link,
        "invitation": invitation,
        "invitations": _invitations(membership),
        "now": now(),
    }
    return render(request, "accounts/people.html", context)


def _rows(actor: Membership) -> list[dict[str, object]]:
    members = Membership.objects.filter(workspace=actor.workspace).select_related("user")
    ordered = sorted(members, key=lambda one: (_RANKS[Role(one.role)], one.user.display_name.lower()))
    return [
        {
            "member": member,
            "is_self": member.pk == actor.pk,
            "may_change": change_membership.may_change(actor, member),
        }
        for member in ordered
    ]


def _invitations(actor: Membership) -> list[Invitation]:
    if not allows(actor.role, Action.MANAGE_PEOPLE):
        return []
    waiting = Invitation.objects.filter(open_invitations(), workspace=actor.workspace)
    return list(waiting.select_related("created_by").order_by("-created_at", "-pk"))
