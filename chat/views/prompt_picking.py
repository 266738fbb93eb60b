"""The list that ``/`` opens in the composer, and the values of the prompt that was chosen there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.pages.prompt_use import pick_context

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


TEXT, FORM = "chat/_prompt_text.html", "chat/_prompt_fill.html"


@require_safe
@login_required
def pick(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Answer with the names of all prompts. The page narrows them down."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    return render(request, "chat/_prompt_pick_list.html", pick_context(membership))
