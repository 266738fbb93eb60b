from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import keys as stored_keys
from accounts.access import get_membership_for, require
from accounts.permissions import Action, allows
from playground import clients
from playground.access import as_decided, catalogue_of, get_provider_for, models_for
from playground.flows.add_models import add_models
from playground.flows.add_provider import add_provider
from playground.flows.delete_provider import delete_provider
from playground.flows.remove_model import remove_model
from playground.flows.set_places import places_of, set_places
from playground.flows.switch_provider import switch_provider
from playground.forms.models import ModelsForm
from playground.forms.providers import PlacesForm, ProviderForm
from playground.models import Provider
from playground.upstream.errors.exceptions import UpstreamError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from playground.models import UpstreamModel


@require_safe
@login_required
def providers(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    return _list(request, membership, ProviderForm())


@require_POST
@login_required
def add(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PROVIDERS)
    form = ProviderForm(request.POST)
    if not form.is_valid():
        return _list(request, membership, form)
    provider = add_provider(membership.workspace, **form.cleaned_data, actor=request.user)
    messages.success(request, f"{provider} is added. Next, add its models.")
    return redirect("playground:provider", slug, provider.code)


@require_safe
@login_required
def provider(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    return _page(request, membership, get_provider_for(membership.workspace, code), ModelsForm())


@require_POST
@login_required
def switch(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    _, found = _own_provider(request, slug, code)
    switch_provider(found, is_enabled=not found.is_enabled, actor=request.user)
    state = "on: its models can be chosen" if found.is_enabled else "off: nobody can choose its models"
    messages.success(request, f"{found} is {state}.")
    return redirect("playground:provider", slug, code)


@require_POST
@login_required
def places(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    """Set how many of the workspace's requests may run at once, also at a provider that it did not add."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PROVIDERS)
    found = get_provider_for(membership.workspace, code)
    form = PlacesForm(request.POST)
    if not form.is_valid():
        return _page(request, membership, found, ModelsForm(), places_form=form)
    chosen = form.cleaned_data["places"]
    set_places(membership.workspace, found, chosen, actor=request.user)
    messages.success(request, f"{_counted(chosen)} may run at {found} at once.")
    return redirect("playground:provider", slug, code)


@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    membership, found = _own_provider(request, slug, code)
    delete_provider(membership.workspace, found, actor=request.user)
    messages.success(request, f"{found} is deleted, with its models and keys.")
    return redirect("playground:providers", slug)


@require_POST
@login_required
def fetch(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    """Ask the server which models it has, and fill the form with the new ones."""
    membership, found = _own_provider(request, slug, code)
    key = stored_keys.resolve(membership.workspace, request.user, found.code)
    try:
        offered = clients.list_models(found, key)
    except UpstreamError as error:
        messages.error(request, f"{found} did not say which models it has: {error.message}")
        return redirect("playground:provider", slug, code)
    current = found.models.filter(is_retired=False, is_enabled=True)
    known = set(current.values_list("model_id", flat=True))
    fresh = [model_id for model_id in dict.fromkeys(offered) if model_id not in known]
    if not fresh:
        messages.info(request, f"All models of {found} are already here.")
        return redirect("playground:provider", slug, code)
    form = ModelsForm(initial={"model_ids": "\n".join(fresh)})
    return _page(request, membership, found, form, fetched=len(fresh))


@require_POST
@login_required
def models(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    membership, found = _own_provider(request, slug, code)
    form = ModelsForm(request.POST)
    if not form.is_valid():
        return _page(request, membership, found, form)
    added = add_models(found, **form.cleaned_data, actor=request.user)
    messages.success(request, ngettext("Added %d model.", "Added %d models.", added) % added)
    return redirect("playground:provider", slug, code)


@require_POST
@login_required
def remove(request: AuthenticatedHttpRequest, slug: str, code: str, number: int) -> HttpResponse:
    _, found = _own_provider(request, slug, code)
    if not remove_model(found, number, actor=request.user):
        raise Http404
    messages.success(request, "The model is removed.")
    return redirect("playground:provider", slug, code)


def _counted(places: int | None) -> str:
    if places is None:
        return "Any number of requests"
    return ngettext("%s request", "%s requests", places) % f"{places:,}"


def _own_provider(request: AuthenticatedHttpRequest, slug: str, code: str) -> tuple[Membership, Provider]:
    """Find a provider that this workspace added.

    A provider that comes with the product serves other workspaces too, so it cannot be changed.
    """
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PROVIDERS)
    found = get_provider_for(membership.workspace, code)
    if found.workspace_id is None:
        raise PermissionDenied
    return membership, found


def _list(request: AuthenticatedHttpRequest, membership: Membership, form: ProviderForm) -> HttpResponse:
    workspace = membership.workspace
    current = Q(models__is_retired=False, models__is_enabled=True)
    rows = Provider.objects.filter(Q(workspace__isnull=True) | Q(workspace=workspace))
    context = {
        "workspace": workspace,
        "membership": membership,
        "section": "providers",
        "rows": rows.annotate(model_count=Count("models", filter=current)).order_by("name", "pk"),
        "form": form,
        "can_manage": allows(membership.role, Action.MANAGE_PROVIDERS),
    }
    return render(request, "playground/providers.html", context)


def _page(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    found: Provider,
    form: ModelsForm,
    *,
    fetched: int = 0,
    places_form: PlacesForm | None = None,
) -> HttpResponse:
    places = places_of(membership.workspace, found)
    can_manage = allows(membership.role, Action.MANAGE_PROVIDERS)
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "providers",
        "provider": found,
        "models": _models(membership, found),
        "form": form,
        "fetched": fetched,
        "places": places,
        "places_form": places_form or PlacesForm(initial={"places": places}),
        "can_set_places": can_manage,
        "can_manage": can_manage and found.workspace_id is not None,
    }
    return render(request, "playground/provider.html", context)


def _models(membership: Membership, provider: Provider) -> list[UpstreamModel]:
    """Return the provider's models for this member, under the workspace's names and prices."""
    if allows(membership.role, Action.MANAGE_MODELS):
        offered = catalogue_of(membership.workspace).filter(is_retired=False, is_enabled=True)
    else:
        offered = models_for(membership)
    return as_decided(offered.filter(provider=provider))
