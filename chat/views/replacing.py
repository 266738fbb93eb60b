"""The page that puts a model in the place of another, everywhere in a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.flows.replace_model import plan_replacement, replace_model
from chat.forms.replacing import ReplaceForm
from chat.pages.model_choice import models_by_provider
from playground.access import get_catalogue_model_for, successor_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from playground.models import UpstreamModel


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def replace(request: AuthenticatedHttpRequest, slug: str, number: int) -> HttpResponse:
    """Show what a replacement would change; a post makes it."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_MODELS)
    model = get_catalogue_model_for(membership, number)
    form = ReplaceForm(models_by_provider(membership, but=model), _chosen(request, membership, model))
    successor = form.cleaned_data["model"] if form.is_valid() else None
    if request.method == "POST" and successor is not None:
        done = replace_model(membership.workspace, model, successor, actor=request.user)
        places = f"{done.total:,} place{'' if done.total == 1 else 's'}"
        messages.success(request, f"{successor.name} has taken the place of {model.name} in {places}.")
        return redirect("playground:model", slug, number)
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "models",
        "model": model,
        "form": form,
        "successor": successor,
        "plan": plan_replacement(membership.workspace, model, successor),
    }
    return render(request, "chat/replace_model.html", context)


def _chosen(
    request: AuthenticatedHttpRequest, membership: Membership, model: UpstreamModel
) -> Mapping[str, object]:
    """Return the posted or shown choice; at first, it is the successor that the provider names."""
    if request.method == "POST" or "model" in request.GET:
        return request.POST or request.GET
    successor = successor_for(membership, model)
    return {"model": successor.pk} if successor else {}
