"""The page with a workspace's rule for models without a price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import one_after_the_other
from playground.flows.set_unpriced_rule import set_unpriced_rule
from playground.forms.unpriced import UnpricedForm, rule_in_words
from playground.pages.models import model_rows, unpriced_rows
from playground.views.models import get_manager

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership

PER_PAGE = 50


@require_safe
@login_required
def unpriced(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_manager(request, slug)
    return _page(request, membership, UnpricedForm(None, membership.workspace.unpriced))


@require_POST
@login_required
@one_after_the_other
def set_unpriced(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_manager(request, slug)
    form = UnpricedForm(request.POST, membership.workspace.unpriced)
    if not form.is_valid():
        return _page(request, membership, form)
    set_unpriced_rule(membership.workspace, form.decided, actor=request.user)
    messages.success(request, f"Saved. For models without a price: {rule_in_words(form.decided)}.")
    return redirect("playground:unpriced", slug)


def _page(request: AuthenticatedHttpRequest, membership: Membership, form: UnpricedForm) -> HttpResponse:
    found = unpriced_rows(model_rows(membership.workspace))
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "models",
        "form": form,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page", "1")),
    }
    return render(request, "playground/unpriced.html", context)
