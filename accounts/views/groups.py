from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_group_of, get_membership_for, one_after_the_other, require
from accounts.exceptions import GroupExists
from accounts.flows.add_to_group import add_to_group
from accounts.flows.create_group import create_group
from accounts.flows.delete_group import delete_group
from accounts.flows.remove_from_group import remove_from_group
from accounts.flows.rename_group import rename_group
from accounts.forms.groups import GroupForm, MemberForm
from accounts.pages.filters import ListFilters
from accounts.pages.groups import groups_page, members_of_group, people_to_add
from accounts.permissions import Action, allows

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Group, Membership

# The part of a group's page that has the focus after a change: the search for people to add, or a row.
_SEARCH = "search"


@require_safe
@login_required
def groups(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show the groups that the member is in; to admins, all groups."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    return _list(request, membership, GroupForm())


@require_POST
@login_required
def create(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = _manager(request, slug)
    form = GroupForm(request.POST)
    if form.is_valid():
        try:
            group = create_group(membership.workspace, form.cleaned_data["name"], actor=request.user)
        except GroupExists as refusal:
            form.add_error("name", refusal.text)
        else:
            messages.success(request, f"Created the group {group}. Now add its members.")
            return redirect("accounts:group", slug, group.code)
    return _list(request, membership, form)


@require_safe
@login_required
def group(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = _manager(request, slug)
    group = get_group_of(membership.workspace, code)
    return _page(request, membership, group, GroupForm(initial={"name": group.name}))


@require_POST
@login_required
@one_after_the_other
def rename(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = _manager(request, slug)
    group = get_group_of(membership.workspace, code)
    form = GroupForm(request.POST, initial={"name": group.name})
    if form.is_valid():
        try:
            group = rename_group(group, form.cleaned_data["name"], actor=request.user)
        except GroupExists as refusal:
            form.add_error("name", refusal.text)
        else:
            messages.success(request, f"The group is now called {group}.")
            return redirect("accounts:group", slug, code)
    return _page(request, membership, group, form)


@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = _manager(request, slug)
    group = get_group_of(membership.workspace, code)
    delete_group(group, actor=request.user)
    messages.success(request, f"Deleted the group {group}.")
    return redirect("accounts:groups", slug)


@require_POST
@login_required
def add(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Add one member, or everybody whom a search finds."""
    membership = _manager(request, slug)
    group = get_group_of(membership.workspace, code)
    words = request.POST.get("found", "")
    form = MemberForm(membership.workspace, request.POST)
    if words:
        added = add_to_group(group, people_to_add(group, words).found, actor=request.user)
        people = "1 person" if len(added) == 1 else f"{len(added)} people"
        messages.success(request, f"Added {people} to {group}.")
    elif form.is_valid():
        member = form.cleaned_data["member"]
        is_new = add_to_group(group, [member], actor=request.user)
        said = f"Added {member.user} to {group}." if is_new else f"{member.user} is in {group} already."
        messages.success(request, said)
    else:
        messages.error(request, form.errors["member"].as_data()[0].message)
    return _back(request, group, _SEARCH)


@require_POST
@login_required
def remove(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = _manager(request, slug)
    group = get_group_of(membership.workspace, code)
    form = MemberForm(membership.workspace, request.POST)
    if form.is_valid():
        member = form.cleaned_data["member"]
        was_in = remove_from_group(group, member, actor=request.user)
        said = f"Removed {member.user} from {group}." if was_in else f"{member.user} is not in {group}."
        messages.success(request, said)
    else:
        messages.error(request, form.errors["member"].as_data()[0].message)
    return _back(request, group, request.POST.get("row", ""))


def _manager(request: AuthenticatedHttpRequest, slug: str) -> Membership:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PEOPLE)
    return membership


def _back(request: AuthenticatedHttpRequest, group: Group, focus: str) -> HttpResponse:
    """Return to the group with the filters that the form was sent from."""
    query = urlencode({**ListFilters.of(request.POST.dict()).chosen, "focus": focus[:10]})
    path = reverse("accounts:group", args=[group.workspace.slug, group.code])
    return HttpResponseRedirect(f"{path}?{query}")


def _list(request: AuthenticatedHttpRequest, membership: Membership, form: GroupForm) -> HttpResponse:
    filters = ListFilters.of(request.GET.dict())
    listed = groups_page(membership, filters)
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "people",
        "filters": filters,
        "page": listed.page,
        "found": listed.page.paginator.count,
        "total": listed.total,
        "can_manage": allows(membership.role, Action.MANAGE_PEOPLE),
        "form": form,
    }
    return render(request, "accounts/groups.html", context)


def _page(
    request: AuthenticatedHttpRequest, membership: Membership, group: Group, form: GroupForm
) -> HttpResponse:
    filters = ListFilters.of(request.GET.dict())
    page = members_of_group(group, filters)
    focus = request.GET.get("focus", "")[:10]
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "people",
        "group": group,
        "filters": filters,
        "page": page,
        "found": page.paginator.count,
        "people": people_to_add(group, request.GET.get("who", "")),
        "is_search_focused": focus == _SEARCH,
        "focused_row": min(int(focus), len(page) - 1) if focus.isdecimal() else None,
        "form": form,
    }
    return render(request, "accounts/group.html", context)
