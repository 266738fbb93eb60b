from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for, one_after_the_other, require
from accounts.permissions import Action
from playground.access import get_catalogue_model_for
from playground.flows.set_model import set_model, set_models
from playground.forms.bulk import BulkForm
from playground.forms.models import ModelSettingForm
from playground.forms.unpriced import rule_in_words
from playground.pages.model import endpoint_rows
from playground.pages.models import STATES, ModelFilters, model_row, model_rows, sorted_rows, unpriced_rows
from playground.pages.picker import CAPABILITIES
from playground.templatetags.playground_figures import capability

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from playground.pages.models import ModelRow

PER_PAGE = 50


@require_safe
@login_required
def models(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_manager(request, slug)
    return _list(
        request, membership, ModelFilters.of(request.GET.dict()), BulkForm(None, membership.workspace)
    )


@require_POST
@login_required
def set_many(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Change one row by its own button, the ticked rows, or every row that the filters find."""
    membership = get_manager(request, slug)
    filters = ModelFilters.of(request.POST.dict())
    data = {"scope": "ticked", **_of_a_row(request)} if _of_a_row(request) else request.POST
    form = BulkForm(data, membership.workspace)
    if not form.is_valid():
        return _list(request, membership, filters, form)
    chosen = _chosen(request, membership, filters, form.cleaned_data["scope"])
    if not chosen:
        form.add_error("scope", "No model is ticked. Tick at least one.")
        return _list(request, membership, filters, form)
    change = form.chosen
    found = (row.model for row in chosen)
    set_models(membership.workspace, found, change.decided, actor=request.user, added=change.group)
    what = f"{chosen[0].name} is" if len(chosen) == 1 else f"{len(chosen):,} models are"
    messages.success(request, f"{what} {change.result}.")
    return HttpResponseRedirect(f"{reverse('playground:models', args=[slug])}?{filters.query}")


def _of_a_row(request: AuthenticatedHttpRequest) -> dict[str, str]:
    """Return the change of the row's button that was pressed, or an empty dict."""
    return next(({"change": change} for change in ("on", "off") if change in request.POST), {})


def _chosen(
    request: AuthenticatedHttpRequest, membership: Membership, filters: ModelFilters, scope: str
) -> list[ModelRow]:
    rows = model_rows(membership.workspace)
    if scope == "found":
        return [row for row in rows if row.fits(filters)]
    pressed = [request.POST[change] for change in ("on", "off") if change in request.POST]
    ticked = set(pressed or request.POST.getlist("model"))
    return [row for row in rows if str(row.model.pk) in ticked]


@require_safe
@login_required
def model(request: AuthenticatedHttpRequest, slug: str, number: int) -> HttpResponse:
    membership = get_manager(request, slug)
    row = model_row(get_catalogue_model_for(membership, number))
    return _page(request, membership, row, ModelSettingForm(None, row, membership.workspace))


@require_POST
@login_required
@one_after_the_other
def set_one(request: AuthenticatedHttpRequest, slug: str, number: int) -> HttpResponse:
    membership = get_manager(request, slug)
    row = model_row(get_catalogue_model_for(membership, number))
    form = ModelSettingForm(request.POST, row, membership.workspace)
    if not form.is_valid():
        return _page(request, membership, row, form)
    groups = form.cleaned_data["groups"]
    set_model(membership.workspace, row.model, form.decided, groups, actor=request.user)
    messages.success(request, "Saved.")
    return redirect("playground:model", slug, number)


def get_manager(request: AuthenticatedHttpRequest, slug: str) -> Membership:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_MODELS)
    return membership


def _list(
    request: AuthenticatedHttpRequest, membership: Membership, filters: ModelFilters, form: BulkForm
) -> HttpResponse:
    rows = model_rows(membership.workspace)
    found = sorted_rows([row for row in rows if row.fits(filters)], filters.sort)
    page = Paginator(found, PER_PAGE).get_page(filters.page or 1)
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "models",
        "filters": filters,
        "form": form,
        "page": page,
        "found": len(found),
        "total": len(rows),
        "unpriced": len(unpriced_rows(rows)),
        "unpriced_rule": rule_in_words(membership.workspace.unpriced),
        **_choices(rows),
    }
    return render(request, "playground/models.html", context)


def _choices(rows: list[ModelRow]) -> dict[str, Any]:
    """Return the choices of the list's filters."""
    providers = {row.model.provider.code: row.model.provider.name for row in rows}
    can = {name for row in rows for name in row.model.capabilities}
    return {
        "states": list(STATES.items()),
        "providers": sorted(providers.items(), key=lambda pair: pair[1].casefold()),
        "developers": sorted({row.model.developer for row in rows} - {""}, key=str.casefold),
        "capabilities": [(name, capability(name)) for name in CAPABILITIES if name in can],
    }


def _page(
    request: AuthenticatedHttpRequest, membership: Membership, row: ModelRow, form: ModelSettingForm
) -> HttpResponse:
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "models",
        "row": row,
        "model": row.model,
        "form": form,
        "capabilities": [capability(name) for name in row.model.capabilities],
        "endpoints": endpoint_rows(membership.workspace, row.model),
    }
    return render(request, "playground/model.html", context)
