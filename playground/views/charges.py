"""The page that compares the books with a provider's charges, and what admins decide there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_difference_of, get_membership_for, require
from accounts.models import ChargeDifference
from accounts.permissions import Action
from playground.flows.check_charges import compare_span, next_span, switch_check
from playground.flows.settle_differences import settle_differences
from playground.pages.charges import DifferenceFilters, cards, difference_rows, kinds, open_differences

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from playground.pages.charges import CheckedKey

PER_PAGE = 25
# "Compare now" asks about so many days at most.
MOST_SPANS = 8


@require_safe
@login_required
def charges(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = _manager(request, slug)
    filters = DifferenceFilters.of(request.GET.dict())
    found = open_differences(membership.workspace, filters.kind).order_by("-at", "-pk")
    page = Paginator(found, PER_PAGE).get_page(filters.page or 1)
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "usage_all",
        "cards": cards(membership.workspace),
        "kinds": kinds(membership.workspace),
        "rows": difference_rows(page.object_list),
        "page": page,
        "filters": filters,
    }
    return render(request, "playground/charges.html", context)


@require_POST
@login_required
def switch(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    """Switch the check of the shared key for a provider on or off."""
    membership, card = _card(request, slug, code)
    is_on = request.POST.get("on") == "true"
    switch_check(membership.workspace, card.key, is_on=is_on, actor=request.user)
    what = "compared every hour" if is_on else "no longer compared"
    messages.success(request, f"The charges of {card.provider} are {what}.")
    return redirect("playground:charges", slug)


@require_POST
@login_required
def compare(request: AuthenticatedHttpRequest, slug: str, code: str) -> HttpResponse:
    """Ask the provider now."""
    _, card = _card(request, slug, code)
    if not card.is_on or card.check is None:
        raise Http404
    compared = 0
    while compared < MOST_SPANS and (span := next_span(card.check)):
        if not compare_span(span):
            card.check.refresh_from_db()
            messages.warning(request, f"{card.provider}: {card.check.error}")
            return redirect("playground:charges", slug)
        compared += 1
        card.check.refresh_from_db()
    messages.success(
        request, "The charges were compared." if compared else "Everything was compared already."
    )
    return redirect("playground:charges", slug)


@require_POST
@login_required
def settle(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Correct one difference, or leave our books as they are."""
    membership = _manager(request, slug)
    return _decide(request, membership, [get_difference_of(membership.workspace, code)])


@require_POST
@login_required
def settle_all(request: AuthenticatedHttpRequest, slug: str, word: str) -> HttpResponse:
    """Do so for all open differences of the kind with this name."""
    membership = _manager(request, slug)
    if word not in ChargeDifference.Kind.values:
        raise Http404
    return _decide(
        request, membership, list(open_differences(membership.workspace, word).order_by("at", "pk"))
    )


def _decide(
    request: AuthenticatedHttpRequest, membership: Membership, found: list[ChargeDifference]
) -> HttpResponse:
    is_corrected = request.POST.get("correct") == "true"
    count = settle_differences(membership.workspace, found, is_corrected=is_corrected, actor=request.user)
    differences = f"{count:,} difference{'' if count == 1 else 's'}"
    if not count:
        messages.info(request, "This was decided already.")
    elif is_corrected:
        messages.success(request, f"{differences} corrected. The corrections are in Usage.")
    else:
        messages.success(request, f"{differences} ignored. The books stay as they are.")
    return redirect("playground:charges", membership.workspace.slug)


def _manager(request: AuthenticatedHttpRequest, slug: str) -> Membership:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.CORRECT_COSTS)
    return membership


def _card(request: AuthenticatedHttpRequest, slug: str, code: str) -> tuple[Membership, CheckedKey]:
    membership = _manager(request, slug)
    card = next((card for card in cards(membership.workspace) if str(card.key.code) == code), None)
    if card is None:
        raise Http404
    return membership, card
