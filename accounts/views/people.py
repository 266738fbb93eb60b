from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import (
    get_any_membership_for,
    get_invitation_of,
    get_member_of,
    get_membership_for,
    require,
)
from accounts.exceptions import InvitationUnusable, MailFailed, MembershipRefused
from accounts.flows.accept_invitation import find_invitation
from accounts.flows.change_membership import change_role, remove_member
from accounts.flows.invite import invite as create_invitation
from accounts.flows.invite import open_invitations, revoke_invitation, roles_to_give
from accounts.flows.send_invitation import send_invitation
from accounts.forms.people import InvitationForm, RecipientForm
from accounts.models import Invitation, Role
from accounts.pages.groups import show_groups
from accounts.pages.people import PeopleFilters, members_page
from accounts.permissions import Action, allows
from accounts.views.mailing import require_mail

if TYPE_CHECKING:
    from uuid import UUID

    from django.core.paginator import Page
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership

_NOUNS = {
    Role.OWNER: "an owner",
    Role.ADMIN: "an admin",
    Role.MEMBER: "a member",
    Role.VIEWER: "a viewer",
}


# More of them would push the members out of sight.
_INVITATIONS = 10
# The link of a new invitation is kept here until the next page shows it.
_NEW = "new_invitation"


@never_cache
@require_safe
@login_required
def people(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    return _page(request, membership, InvitationForm(roles_to_give(membership)))


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
    request.session[_NEW] = [str(invitation.code), token]
    return redirect("accounts:people", slug)


@require_POST
@login_required
def send(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Send the link of a new invitation, which the page has just shown, to an address."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PEOPLE)
    invitation, token = get_invitation_of(membership.workspace, code), request.POST.get("token", "")
    try:
        is_this = find_invitation(token) == invitation
    except InvitationUnusable:
        is_this = False
    if not is_this:
        messages.error(request, "Nothing was sent: this link no longer works. Make a new one.")
        return redirect("accounts:people", slug)
    form, new = RecipientForm(request.POST), [str(code), token]
    if form.is_valid():
        address, link = form.cleaned_data["email"], _link(request, token)
        try:
            require_mail(request)
            send_invitation(invitation, link, address, actor=request.user)
        except MailFailed as failure:
            form.add_error("email", failure.text)
        else:
            messages.success(request, f"Sent the invitation to {address}.")
            return redirect("accounts:people", slug)
    return _page(request, membership, InvitationForm(roles_to_give(membership)), new, form)


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
    return _back(request, slug)


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
    return redirect("accounts:profile") if member.pk == membership.pk else _back(request, slug)


@require_POST
@login_required
def leave(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_any_membership_for(request.user, slug)
    require(membership, Action.READ)
    try:
        remove_member(membership, actor=request.user)
    except MembershipRefused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, f"You left {membership.workspace}.")
    return redirect("accounts:profile")


def _back(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Return to the list with the filters that the form was sent from."""
    query = PeopleFilters.of(request.POST.dict()).query
    return HttpResponseRedirect(f"{reverse('accounts:people', args=[slug])}{f'?{query}' if query else ''}")


def _page(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    form: InvitationForm,
    new: list[str] | None = None,
    recipient: RecipientForm | None = None,
) -> HttpResponse:
    filters = PeopleFilters.of(request.GET.dict())
    page = members_page(membership, filters)
    show_groups(membership, [row.member for row in page])
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "people",
        "filters": filters,
        "page": page,
        "found": page.paginator.count,
        "every_role": list(reversed(Role)),
        "roles": roles_to_give(membership),
        "can_manage": allows(membership.role, Action.MANAGE_PEOPLE),
        "can_limit": allows(membership.role, Action.MANAGE_LIMITS),
        "form": form,
        "new": _new_invitation(request, membership, new),
        "recipient": recipient or RecipientForm(),
        "can_send": settings.HAS_MAIL or recipient,
        "invitations": _invitations(request, membership),
        "now": now(),
    }
    return render(request, "accounts/people.html", context)


def _new_invitation(
    request: AuthenticatedHttpRequest, membership: Membership, new: list[str] | None
) -> dict[str, Any] | None:
    """Return the invitation that was just made, once, with its link; the token is stored nowhere else."""
    if new is None and not request.htmx:
        new = request.session.pop(_NEW, None)
    if new is None:
        return None
    code, token = new
    invitation = membership.workspace.invitations.filter(code=code).first()
    found = {"invitation": invitation, "link": _link(request, token), "token": token}
    return found if invitation else None


def _link(request: AuthenticatedHttpRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("accounts:join", args=[token]))


def _invitations(request: AuthenticatedHttpRequest, manager: Membership) -> Page[Invitation] | None:
    """Return a page of the open invitations; None if there are none, or if the member may not see them."""
    if not allows(manager.role, Action.MANAGE_PEOPLE):
        return None
    waiting = Invitation.objects.filter(open_invitations(), workspace=manager.workspace)
    pages = Paginator(waiting.select_related("created_by").order_by("-created_at", "-pk"), _INVITATIONS)
    return pages.get_page(request.GET.get("invitations")) if pages.count else None
