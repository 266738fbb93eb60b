from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_limit_of, get_membership_for, one_after_the_other, require
from accounts.exceptions import LimitExists
from accounts.flows.set_limit import add_limit, change_limit, delete_limit
from accounts.flows.set_periods import set_periods
from accounts.forms.limits import AmountForm, LimitForm
from accounts.forms.periods import PeriodsForm
from accounts.limit_words import in_words
from accounts.models import Unit
from accounts.pages.limits import LimitFilters, limits_page, remark_on_change
from accounts.pages.raises import open_requests, raises_page
from accounts.permissions import Action, allows
from accounts.subjects import find_subjects

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Limit, Membership


@require_safe
@login_required
def limits(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show the limits that apply to the member; to admins, all limits."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    return _page(request, membership, LimitForm.chosen(membership.workspace, request.GET.get("member", "")))


@require_POST
@login_required
def add(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = _admin(request, slug)
    form = LimitForm(membership.workspace, request.POST)
    if not form.is_valid():
        return _page(request, membership, form)
    try:
        limit = add_limit(form.limit(), actor=request.user)
    except LimitExists as refusal:
        return _page(request, membership, form, refusal)
    _say(request, limit)
    return redirect("accounts:limits", slug)


@require_safe
@login_required
def preview(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Say in words what the limit in the form would mean."""
    membership = _admin(request, slug)
    return render(
        request, "accounts/_limit_preview.html", _preview(LimitForm(membership.workspace, request.GET))
    )


@require_safe
@login_required
def subjects(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """List whom a new limit may be for, as far as a search finds them."""
    membership = _admin(request, slug)
    words, chosen = request.GET.get("who", "")[:200], request.GET.get("subject", "")
    found = find_subjects(membership.workspace, words, chosen)
    return render(request, "accounts/_limit_subjects.html", {"subjects": found})


@require_safe
@login_required
def models(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Offer the ids of models for a new limit, as far as a search finds them."""
    membership = _admin(request, slug)
    context = {"membership": membership, "words": request.GET.get("model_pattern", "")[:200]}
    return render(request, "accounts/_limit_models.html", context)


@require_POST
@login_required
@one_after_the_other
def change(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = _admin(request, slug)
    limit = get_limit_of(membership.workspace, code)
    form = AmountForm(limit, request.POST)
    if form.is_valid():
        limit = change_limit(limit, form.cleaned_data["amount"], actor=request.user)
        _say(request, limit)
    else:
        messages.error(request, f"The limit wasn't changed. {form.errors['amount'].as_data()[0].message}")
    return _back(request, slug)


@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = _admin(request, slug)
    limit = get_limit_of(membership.workspace, code)
    delete_limit(limit, actor=request.user)
    messages.success(request, f"Removed the limit of {limit.label}. It was for: {limit.who}.")
    return _back(request, slug)


@require_POST
@login_required
@one_after_the_other
def periods(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = _admin(request, slug)
    workspace, form = membership.workspace, PeriodsForm(request.POST, initial=vars(membership.workspace))
    if not form.is_valid():
        return _page(request, membership, LimitForm.chosen(workspace, ""), periods_form=form)
    set_periods(workspace, **form.cleaned_data, actor=request.user)
    messages.success(request, f"Days of limits begin at 00:00 in {workspace.time_zone} now.")
    return _back(request, slug)


def _admin(request: AuthenticatedHttpRequest, slug: str) -> Membership:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_LIMITS)
    return membership


def _say(request: AuthenticatedHttpRequest, limit: Limit) -> None:
    """Say what a limit means that was saved, and whether another one counts in its place."""
    messages.success(request, in_words(limit))
    if remark := remark_on_change(limit, limit.amount):
        messages.warning(request, remark)


def _preview(form: LimitForm) -> dict[str, str]:
    sentence = form.sentence() if form.is_bound else ""
    limit = form.limit() if sentence else None
    return {"sentence": sentence, "remark": remark_on_change(limit, limit.amount) if limit else ""}


def _back(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Return to the list with the filters that the form was sent from."""
    query = LimitFilters.of(request.POST.dict()).query
    return HttpResponseRedirect(f"{reverse('accounts:limits', args=[slug])}{f'?{query}' if query else ''}")


def _page(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    form: LimitForm,
    existing: LimitExists | None = None,
    periods_form: PeriodsForm | None = None,
) -> HttpResponse:
    workspace = membership.workspace
    can_manage = allows(membership.role, Action.MANAGE_LIMITS)
    filters = LimitFilters.of(request.GET.dict())
    listed = limits_page(membership, filters)
    context = {
        "workspace": workspace,
        "membership": membership,
        "section": "limits",
        "filters": filters,
        "page": listed.page,
        "found": listed.page.paginator.count,
        "total": listed.total,
        "units": Unit.choices,
        "can_manage": can_manage,
        "form": form,
        "periods": periods_form or PeriodsForm(initial=vars(workspace)),
        "existing": existing,
        "filters_of_existing": LimitFilters.beside(form.limit()) if existing else None,
        "subjects": find_subjects(workspace, "", form["subject"].value() or "") if can_manage else None,
        **_preview(form),
        "requests": open_requests(workspace) if can_manage else [],
        "raises": raises_page(workspace, request.GET.get("raises", "")) if can_manage else [],
    }
    return render(request, "accounts/limits.html", context)
