"""The page that simulates a prompt: its hold, and the limit that would refuse it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.forms.simulation import SimulationForm
from chat.pages.simulation import simulation_context

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_safe
@login_required
def simulate(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Simulate the prompt that the query describes. Nothing is sent or stored."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_LIMITS)
    form = SimulationForm(membership, request.GET or None)
    context: dict[str, Any] = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "limits",
        "form": form,
    }
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        context["sender"] = given["member"].user.display_name
        context |= simulation_context(given["member"], given["model"], given["length"], given["max_tokens"])
    return render(request, "chat/simulate.html", context)
