from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import current_membership, memberships_of
from accounts.flows.create_workspace import create_workspace
from accounts.forms.workspace import WorkspaceForm
from accounts.permissions import may_create_workspace

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Create a workspace, and show its first page."""
    if not may_create_workspace(membership.role for membership in memberships_of(request.user)):
        raise PermissionDenied
    form = WorkspaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="new_workspace", user=request.user):
            refusal: HttpResponse = ratelimit.respond_429(request)
            return refusal
        workspace = create_workspace(form.fields_of_workspace, actor=request.user)
        messages.success(request, f"{workspace} is ready. Invite people, or try the demo first.")
        return redirect("accounts:people", workspace.slug)
    membership = current_membership(request.user)
    context = {
        "workspace": membership.workspace if membership else None,
        "membership": membership,
        "section": "profile",
        "form": form,
    }
    return render(request, "accounts/new_workspace.html", context)
