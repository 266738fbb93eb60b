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
from accounts.flows.change_membership import change_role, may_change, remove_member
from accounts.flows.invite import invite as create_invitation
from accounts.flows.invite import open_invitations, revoke_invitation, roles_to_give
from accounts.forms.people import InvitationForm
from accounts.models import Invitation, Membership, Role
from accounts.permissions import Action, allows

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest

# Members with more rights come first: they are the ones to ask.
_RANKS = {role: rank for rank, role in enumerate((Role.OWNER, Role.ADMIN, Role.MEMBER, Role.VIEWER))}


_NOUNS = {
    Role.OWNER: "an owner",
    Role.ADMIN: "an admin",
    Role.MEMBER: "a member",
    Role.VIEWER: "a viewer",
}


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
    invitation, token = create_invitation(
        membership.workspace, chosen["role"], chosen["note"], chosen["days"], actor=request.user
    )
    # The response itself shows the link; a redirect would require storing it.
    link = request.build_absolute_uri(reverse("accounts:join", args=[token]))
    fresh = InvitationForm(roles_to_give(membership))
    return _page(request, membership, fresh, link=link, invitation=invitation)


@require_POST
@login_required
def revoke(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PEOPLE)
    if revoke_invitation(get_invitation_of(membership.workspace, code), actor=request.user):
        messages.success(request, "Invitation revoked. Its link no longer works.")
    else:
        messages.warning(request, "This invitation was used or revoked already.")
    return redirect("accounts:people", slug)


@require_POST
@login_required
def role(request: AuthenticatedHttpRequest, slug: str, number: int) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PEOPLE)
    member = get_member_of(membership.workspace, number)
    chosen = request.POST.get("role", "")
    try:
        change_role(member, chosen, actor=request.user)
    except MembershipRefused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, f"{member.user.display_name} is now {_NOUNS[Role(chosen)]}.")
    return redirect("accounts:people", slug)


@require_POST
@login_required
def remove(request: AuthenticatedHttpRequest, slug: str, number: int) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PEOPLE)
    member = get_member_of(membership.workspace, number)
    try:
        remove_member(member, actor=request.user)
    except MembershipRefused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, f"{member.user.display_name} is no longer in {membership.workspace}.")
    # After removing themselves, users may no longer see this page.
    return redirect("accounts:profile") if member.pk == membership.pk else redirect("accounts:people", slug)


@require_POST
@login_required
def leave(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    try:
        remove_member(membership, actor=request.user)
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


def _rows(manager: Membership) -> list[dict[str, object]]:
    members = Membership.objects.filter(workspace=manager.workspace).select_related("user")
    ordered = sorted(members, key=_by_rank)
    return [
        {
            "member": member,
            "is_self": member.pk == manager.pk,
            "may_change": may_change(manager, member),
        }
        for member in ordered
    ]


def _by_rank(member: Membership) -> tuple[int, str]:
    return (_RANKS[Role(member.role)], member.user.display_name.lower())


def _invitations(manager: Membership) -> list[Invitation]:
    if not allows(manager.role, Action.MANAGE_PEOPLE):
        return []
    waiting = Invitation.objects.filter(open_invitations(), workspace=manager.workspace)
    return list(waiting.select_related("created_by").order_by("-created_at", "-pk"))
