"""Deleting, restoring and handing over a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_deleted_membership_for, get_membership_for, require
from accounts.exceptions import MembershipRefused
from accounts.flows.transfer_ownership import transfer_ownership
from accounts.permissions import Action
from chat.exceptions import WorkspaceGone
from chat.flows.delete_workspace import delete_workspace
from chat.flows.restore_workspace import restore_workspace
from chat.forms.ending_workspaces import DeleteWorkspaceForm, TransferForm
from chat.pages.workspace import counts_of
from chat.relays import background

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Ask for the name of the workspace, with what it has, then delete it."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.DELETE_WORKSPACE)
    workspace = membership.workspace
    form = DeleteWorkspaceForm(workspace, request.POST or None)
    if request.method == "POST" and form.is_valid():
        for run in delete_workspace(workspace, actor=request.user):
            background.stop(run)
        days = settings.WORKSPACE_GRACE_DAYS
        messages.success(request, f"{workspace} is deleted. You can restore it here for {days} days.")
        return redirect("accounts:profile")
    context = {
        "workspace": workspace,
        "membership": membership,
        "section": "workspace",
        "form": form,
        "counts": counts_of(workspace),
        "days": settings.WORKSPACE_GRACE_DAYS,
    }
    return render(request, "chat/delete_workspace.html", context)


@require_POST
@login_required
def restore(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_deleted_membership_for(request.user, slug)
    try:
        restore_workspace(membership.workspace, actor=request.user)
    except WorkspaceGone:
        messages.error(request, "It cannot be restored any more, or somebody has restored it already.")
        return redirect("accounts:profile")
    messages.success(request, f"{membership.workspace} is open again for everybody who was in it.")
    return redirect("chat:new", slug)


@require_POST
@login_required
def transfer(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_OWNERS)
    form = TransferForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was changed: enter the e-mail address of a member.")
        return redirect("chat:workspace", slug)
    try:
        member = transfer_ownership(membership.workspace, form.cleaned_data["email"], actor=request.user)
    except MembershipRefused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, f"{member.user.display_name} is now an owner, and you are an admin.")
    return redirect("chat:workspace", slug)
