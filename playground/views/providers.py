from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import keys as stored_keys
from accounts.access import get_membership_for, one_after_the_other, require
from accounts.permissions import Action
from playground.access import get_provider_for
from playground.catalogue.model_list import ModelListRefused
from playground.flows.add_models import add_models
from playground.flows.delete_provider import delete_provider
from playground.flows.list_models import list_models, list_models_if_possible
from playground.flows.remove_model import remove_model
from playground.flows.set_extra_parameters import set_extra_parameters
from playground.flows.set_places import set_places
from playground.flows.switch_provider import switch_provider
from playground.forms.models import ModelsForm
from playground.upstream.errors.exceptions import UpstreamError
from playground.views.provider_page import extra_form_of, own_provider, places_form_of, show_provider

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from playground.catalogue.model_list import ModelList
    from playground.models import Provider


# The new models of a server are kept here until the next page fills its form with them.
_FETCHED = "fetched_models"
# More names would hide the form below the message.
_MOST_NAMED = 8


@require_safe
@login_required
def provider(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    found = get_provider_for(membership.workspace, code)
    fresh = _fetched(request, found)
    form = ModelsForm(initial={"model_ids": "\n".join(fresh)}) if fresh else None
    return show_provider(request, membership, found, form, fetched=len(fresh))


def _fetched(request: AuthenticatedHttpRequest, provider: Provider) -> list[str]:
    """Return the new models that were just fetched from this provider, once."""
    number, fresh = request.session.get(_FETCHED, (None, []))
    if number != provider.pk:
        return []
    del request.session[_FETCHED]
    return list(fresh)


@require_POST
@login_required
def switch(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    _, found = own_provider(request, slug, code)
    switch_provider(found, is_enabled=not found.is_enabled, actor=request.user)
    state = "on: its models can be chosen" if found.is_enabled else "off: nobody can choose its models"
    messages.success(request, f"{found} is {state}.")
    return redirect("playground:provider", slug, code)


@require_POST
@login_required
@one_after_the_other
def places(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    """Set how many of the workspace's requests may run at once, also at a provider that it did not add."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PROVIDERS)
    found = get_provider_for(membership.workspace, code)
    form = places_form_of(membership.workspace, found, request.POST)
    if not form.is_valid():
        return show_provider(request, membership, found, places_form=form)
    chosen = form.cleaned_data["places"]
    set_places(membership.workspace, found, chosen, actor=request.user)
    messages.success(request, f"{_counted(chosen)} may run at {found} at once.")
    return redirect("playground:provider", slug, code)


@require_POST
@login_required
@one_after_the_other
def extra(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    """Set what the workspace's requests to a provider carry, also to one that it did not add."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PROVIDERS)
    found = get_provider_for(membership.workspace, code)
    form = extra_form_of(membership.workspace, found, request.POST)
    if not form.is_valid():
        return show_provider(request, membership, found, extra_form=form)
    parameters = form.cleaned_data["extra"]
    set_extra_parameters(membership.workspace, found, parameters, actor=request.user)
    names = ", ".join(parameters)
    said = f"Requests to {found} now carry {names}." if names else f"Requests to {found} carry nothing more."
    messages.success(request, said)
    return redirect("playground:provider", slug, code)


@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    membership, found = own_provider(request, slug, code)
    delete_provider(membership.workspace, found, actor=request.user)
    messages.success(request, f"{found} is deleted, with its models and keys.")
    return redirect("playground:providers", slug)


@require_POST
@login_required
def fetch(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    """Ask the server which models it has. The provider's page fills its form with the new ones."""
    membership, found = own_provider(request, slug, code)
    key = stored_keys.resolve(membership.workspace, request.user, found.code)
    try:
        offered = list_models(found, key)
    except UpstreamError as error:
        messages.error(request, f"{found} did not say which models it has: {error.message}")
        return redirect("playground:provider", slug, code)
    except ModelListRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("playground:provider", slug, code)
    current = found.models.filter(is_retired=False, is_enabled=True)
    known = set(current.values_list("model_id", flat=True))
    fresh = [each.model_id for each in offered.models if each.model_id not in known]
    _say_left_out(request, offered, known)
    if not fresh:
        messages.info(request, f"All models of {found} are already here.")
        return redirect("playground:provider", slug, code)
    request.session[_FETCHED] = [found.pk, fresh]
    return redirect("playground:provider", slug, code)


@require_POST
@login_required
def models(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    membership, found = own_provider(request, slug, code)
    form = ModelsForm(request.POST)
    if not form.is_valid():
        return show_provider(request, membership, found, form)
    listed = []
    if "fetched" in request.POST:
        key = stored_keys.resolve(membership.workspace, request.user, found.code)
        listed = list_models_if_possible(found, key).all
    added = add_models(found, **form.cleaned_data, listed=listed, actor=request.user)
    messages.success(request, ngettext("Added %d model.", "Added %d models.", added) % added)
    return redirect("playground:provider", slug, code)


@require_POST
@login_required
def remove(request: AuthenticatedHttpRequest, slug: str, code: str, number: int) -> HttpResponse:
    _, found = own_provider(request, slug, code)
    if not remove_model(found, number, actor=request.user):
        raise Http404
    messages.success(request, "The model is removed.")
    return redirect("playground:provider", slug, code)


def _say_left_out(request: AuthenticatedHttpRequest, offered: ModelList, known: set[str]) -> None:
    others = [each.model_id for each in offered.others if each.model_id not in known]
    if others:
        messages.info(
            request, f"Not added, because they are not chat models: {_few(others)}. You can add them by hand."
        )
    if offered.refused:
        odd = _few([f"{each.model or 'an entry'} ({each.reason})" for each in offered.refused])
        messages.warning(request, f"Not added: {odd}.")


def _few(names: list[str]) -> str:
    few = ", ".join(names[:_MOST_NAMED])
    return few if len(names) <= _MOST_NAMED else f"{few} and {len(names) - _MOST_NAMED:,} more"


def _counted(places: int | None) -> str:
    if places is None:
        return "Any number of requests"
    return ngettext("%s request", "%s requests", places) % f"{places:,}"
