from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.access import get_membership_for, require
from accounts.flows.shorten_answers import shorten_answers
from accounts.permissions import Action

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_POST
@login_required
def shorten(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Store what happens where a limit leaves less than a model may write."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_LIMITS)
    is_on = request.POST.get("shorten") == "on"
    shorten_answers(membership.workspace, is_on=is_on, actor=request.user)
    done = "Answers are asked to fit" if is_on else "Answers are no longer asked to fit"
    messages.success(request, f"{done} what a limit leaves.")
    return redirect("accounts:limits", slug)
