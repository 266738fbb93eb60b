"""The page of a provider, for every view that shows it or changes something on it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms.models import model_to_dict
from django.shortcuts import render

from accounts.access import get_membership_for, require
from accounts.permissions import Action, allows
from playground.access import as_decided, catalogue_of, get_provider_for, kinds_of, models_for
from playground.flows.set_places import setting_of
from playground.forms.endpoints import EndpointsForm
from playground.forms.models import ModelsForm
from playground.forms.providers import EditForm, ExtraForm, PlacesForm

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpResponse, QueryDict

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership, Workspace
    from playground.models import Provider, UpstreamModel
    from playground.pages.server_trouble import ServerTrouble

# The number of models on the page. A server may have many hundreds.
_PER_PAGE = 40


def own_provider(request: AuthenticatedHttpRequest, slug: str, code: str) -> tuple[Membership, Provider]:
    """Find a provider that this workspace added.

    A provider that comes with the product serves other workspaces too, so it cannot be changed.
    """
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PROVIDERS)
    found = get_provider_for(membership.workspace, code)
    if found.workspace_id is None:
        raise PermissionDenied
    return membership, found


def show_provider(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    found: Provider,
    form: ModelsForm | None = None,
    *,
    fetched: int = 0,
    places_form: PlacesForm | None = None,
    edit_form: EditForm | None = None,
    extra_form: ExtraForm | None = None,
    endpoints_form: EndpointsForm | None = None,
    trouble: ServerTrouble | None = None,
) -> HttpResponse:
    """Answer with the provider's page. A refused form is shown as it was posted, and brought into view."""
    _point_at_errors(form, places_form, edit_form, extra_form, endpoints_form)
    setting = setting_of(membership.workspace, found)
    extra = _extra_of(membership.workspace, found)
    can_manage = allows(membership.role, Action.MANAGE_PROVIDERS)
    usable = set(kinds_of(models_for(membership).filter(provider=found)))
    models = _models(membership, found)
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "providers",
        "provider": found,
        "page": Paginator(models, _PER_PAGE).get_page(request.GET.get("page")),
        "usable": usable,
        "chat_with": next((model for model in sorted(models, key=_as_listed) if model.pk in usable), None),
        "form": form or ModelsForm(),
        "fetched": fetched,
        "places": setting.places,
        "places_form": places_form or places_form_of(membership.workspace, found),
        "edit_form": edit_form or edit_form_of(found),
        "extra": extra,
        "extra_form": extra_form or extra_form_of(membership.workspace, found),
        "endpoints_form": endpoints_form or EndpointsForm(initial={"kinds": found.more_kinds}),
        "trouble": trouble,
        # After the question about stored keys was answered, the server may still ask for its own.
        "keeps_dropping": request.POST.get("drop_keys", ""),
        "can_chat": allows(membership.role, Action.SEND),
        "can_set_places": can_manage,
        "can_manage": can_manage and found.workspace_id is not None,
    }
    return render(request, "playground/provider.html", context)


def _point_at_errors(*forms: Form | None) -> None:
    """Give the focus to the first field of a refused form, which brings it into view."""
    for form in forms:
        if form and (wrong := next((name for name in form.fields if name in form.errors), "")):
            form.fields[wrong].widget.attrs["autofocus"] = True


def first_usable(membership: Membership, provider: Provider) -> int | None:
    """Return the key of the provider's first model that this member can chat with."""
    models = models_for(membership).filter(provider=provider)
    usable = kinds_of(models)
    return next((model.pk for model in sorted(models, key=_as_listed) if model.pk in usable), None)


def _as_listed(model: UpstreamModel) -> tuple[int, int]:
    """Return a key for the order in which the server listed its models."""
    return (model.position, model.pk)


def _models(membership: Membership, provider: Provider) -> list[UpstreamModel]:
    """Return the provider's models for this member, under the workspace's names and prices."""
    if allows(membership.role, Action.MANAGE_MODELS):
        offered = catalogue_of(membership.workspace).filter(is_retired=False, is_enabled=True)
    else:
        offered = models_for(membership)
    return as_decided(offered.filter(provider=provider))


def places_form_of(workspace: Workspace, found: Provider, data: QueryDict | None = None) -> PlacesForm:
    return PlacesForm(data, initial={"places": setting_of(workspace, found).places})


def extra_form_of(workspace: Workspace, found: Provider, data: QueryDict | None = None) -> ExtraForm:
    return ExtraForm(data, initial={"extra": _extra_of(workspace, found)})


def edit_form_of(found: Provider, data: QueryDict | None = None) -> EditForm:
    return EditForm(data, initial=model_to_dict(found), auto_id="edit_%s")


def _extra_of(workspace: Workspace, found: Provider) -> str:
    extra = setting_of(workspace, found).extra_parameters
    return json.dumps(extra, ensure_ascii=False, indent=2) if extra else ""
