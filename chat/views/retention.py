"""The rules of a workspace for how long it keeps conversations and raw answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for, require
from accounts.exceptions import ChangedMeanwhile
from accounts.permissions import Action
from chat.flows.set_content_rules import set_content_rules
from chat.forms.retention import RulesForm
from chat.pages.retention import due_under
from chat.retention import Rules

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.pages.retention import Due


@require_safe
@login_required
def retention(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show the rules."""
    membership = _owner(request, slug)
    return _page(request, membership, RulesForm(Rules.of(membership.workspace)))


@require_POST
@login_required
def save(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Set the rules. Before they delete anything at once, the page asks."""
    membership = _owner(request, slug)
    workspace = membership.workspace
    form = RulesForm(Rules.of(workspace), request.POST)
    if not form.is_valid():
        return _page(request, membership, form)
    due = due_under(workspace, form.rules)
    if due and not form.cleaned_data["confirmed"]:
        return _page(request, membership, form, due)
    try:
        set_content_rules(workspace, form.rules, actor=request.user, seen=form.seen_rules)
    except ChangedMeanwhile as refusal:
        form = RulesForm(Rules.of(workspace))
        messages.error(request, f"{refusal.text} The page now shows what holds.")
        return _page(request, membership, form)
    messages.success(request, "Saved. What is due is deleted within the hour." if due else "Saved.")
    return redirect("chat:retention", slug)


def _owner(request: AuthenticatedHttpRequest, slug: str) -> Membership:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SET_RETENTION)
    return membership


def _page(
    request: AuthenticatedHttpRequest, membership: Membership, form: RulesForm, due: Due | None = None
) -> HttpResponse:
    """Show the page, with a question if ``due`` says what would be deleted at once."""
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "workspace",
        "form": form,
        "due": due,
    }
    return render(request, "chat/retention.html", context)
