"""The page of one key: what is known of it and of the account behind it. The key itself is never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import money
from accounts.flows.set_low_balance import set_low_balance
from accounts.models import ApiKey
from playground.flows.refresh_balances import check_key
from playground.forms.keys import LowBalanceForm
from playground.models import Provider
from playground.pages.key import key_view
from playground.views.keys import target

if TYPE_CHECKING:
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


def _stored(
    request: AuthenticatedHttpRequest, slug: str, whose: str, code: str
) -> tuple[Membership, Provider, ApiKey]:
    """Return the membership, the provider and the key, if this member may change it."""
    membership, provider, member = target(request, slug, whose, code)
    keys = ApiKey.objects.select_related("created_by").filter(workspace=membership.workspace, member=member)
    found = keys.filter(provider_code=provider.code).first()
    if found is None:
        raise Http404
    return membership, provider, found


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
