"""The page of one key: what is known of it and of the account behind it. The key itself is never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import money
from accounts.access import get_key_for, get_membership_for
from accounts.flows.set_low_balance import set_low_balance
from accounts.models import ApiKey
from playground.access import get_provider_for
from playground.flows.refresh_balances import check_key
from playground.forms.keys import LowBalanceForm
from playground.models import Provider
from playground.pages.key import key_view

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership


@require_safe
@login_required
def key(request: AuthenticatedHttpRequest, slug: str, whose: str, provider: str) -> HttpResponse:
    membership, found, stored = _stored(request, slug, whose, provider)
    threshold = None if stored.low_threshold is None else money.in_usd(stored.low_threshold).normalize()
    form = LowBalanceForm(initial={"threshold": "" if threshold is None else f"{threshold:f}"})
    return _page(request, membership, whose, found, stored, form)


@require_POST
@login_required
def refresh(request: AuthenticatedHttpRequest, slug: str, whose: str, provider: str) -> HttpResponse:
    _, found, stored = _stored(request, slug, whose, provider)
    check = check_key(found, stored)
    messages.add_message(request, messages.SUCCESS if check.ok else messages.WARNING, check.message)
    return redirect("playground:key", slug, whose, provider)


@require_POST
@login_required
def threshold(request: AuthenticatedHttpRequest, slug: str, whose: str, provider: str) -> HttpResponse:
    membership, found, stored = _stored(request, slug, whose, provider)
    form = LowBalanceForm(request.POST)
    if not form.is_valid():
        return _page(request, membership, whose, found, stored, form)
    amount = form.cleaned_data["threshold"]
    set_low_balance(stored, None if amount is None else money.in_credits(amount), request.user)
    said = (
        f"You are warned below {money.usd(amount)}."
        if amount is not None
        else "The provider decides what is low."
    )
    messages.success(request, said)
    return redirect("playground:key", slug, whose, provider)


def _stored(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> tuple[Membership, Provider, ApiKey]:
    """Return the membership, the provider and the key, if this member may change it."""
    membership = get_membership_for(request.user, slug)
    stored = get_key_for(membership, code)
    return membership, get_provider_for(membership.workspace, stored.provider_code), stored


def _page(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    whose: str,
    provider: Provider,
    stored: ApiKey,
    form: LowBalanceForm,
) -> HttpResponse:
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "keys",
        "provider": provider,
        "whose": whose,
        "key": key_view(stored, provider),
        "form": form,
    }
    return render(request, "playground/key.html", context)
