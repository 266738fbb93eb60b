"""The page of one key, and what is done there. The key itself is never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts import keys as stored_keys
from accounts import money
from accounts.access import get_key_for, get_membership_for, one_after_the_other
from accounts.exceptions import KeyRefused
from accounts.flows.change_key import change_key, prefer_key, switch_key
from accounts.flows.delete_key import delete_key
from accounts.flows.replace_key import replace_key
from accounts.flows.set_low_balance import set_low_balance
from accounts.models import CappedKey
from playground.access import get_provider_for
from playground.flows.refresh_balances import check_key
from playground.forms.keys import KeySettingsForm, LowBalanceForm, SecretForm
from playground.pages.key import key_view
from playground.views.keys import is_elsewhere, say_whether_it_works

if TYPE_CHECKING:
    from uuid import UUID

    from django import forms
    from django.http import HttpResponse, QueryDict

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import ApiKey, Membership
    from playground.models import Provider


@require_safe
@login_required
def key(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    return _page(request, *_stored(request, slug, code))


@require_POST
@login_required
@one_after_the_other
def change(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership, provider, stored = _stored(request, slug, code)
    form = KeySettingsForm(request.POST, stored)
    if form.is_valid():
        try:
            change_key(stored, form.settings, actor=request.user)
        except KeyRefused as refusal:
            form.add_error(refusal.field, refusal.text)
        else:
            messages.success(request, "Saved.")
            return redirect("playground:key", slug, code)
    return _page(request, membership, provider, stored, form=form)


@sensitive_post_parameters("secret")
@require_POST
@login_required
def replace(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Put another secret into the key, and test it."""
    membership, provider, stored = _stored(request, slug, code)
    if stored.is_from_environment:
        raise Http404
    form = SecretForm(request.POST, auto_id="new-%s")
    if form.is_valid() and is_elsewhere(request, provider):
        form.add_error("secret", f"{provider} has another address now. Check it, then paste the key again.")
    if not form.is_valid():
        return _page(request, membership, provider, stored, secret=form)
    replaced = replace_key(stored, form.cleaned_data["secret"], actor=request.user)
    say_whether_it_works(request, provider, replaced, "key replaced. ")
    return redirect("playground:key", slug, code)


@require_POST
@login_required
def switch(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Disable the key, or enable it."""
    _, _, stored = _stored(request, slug, code)
    is_on = request.POST.get("on") == "true"
    switch_key(stored, is_on=is_on, actor=request.user)
    messages.success(request, f"{stored.name} is {'enabled' if is_on else 'disabled'}.")
    return redirect("playground:key", slug, code)


@require_POST
@login_required
def test(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    _, provider, stored = _stored(request, slug, code)
    say_whether_it_works(request, provider, stored, "")
    if request.POST.get("from") == "key":
        return redirect("playground:key", slug, code)
    return redirect("playground:keys", slug)


@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    _, provider, stored = _stored(request, slug, code)
    if stored.is_from_environment and not stored.is_lost:
        raise Http404
    capped = CappedKey.objects.filter(api_key=stored).first()
    delete_key(stored, actor=request.user)
    what = "The key" if stored.label in ("", provider.name) else f"The key {stored.label}"
    messages.success(request, f"{what} for {provider} is deleted{' here' if capped else ''}.")
    if capped:
        messages.warning(
            request,
            f"{provider} still has the key {capped}. It can be deleted there under “keys with a cap”, "
            "with a management key.",
        )
    return redirect("playground:keys", slug)


@require_POST
@login_required
def prefer(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Use one of the keys that fit first, for the answers of this member."""
    membership = get_membership_for(request.user, slug)
    usable = stored_keys.usable_keys(membership.workspace, request.user)
    chosen = next((each for each in usable.all() if each.code == code), None)
    if chosen is None:
        raise Http404
    is_first = request.POST.get("first") != "false"
    prefer_key(chosen, membership, is_first=is_first)
    said = f"{chosen.name} is used first for you." if is_first else "The usual order of keys counts for you."
    messages.success(request, said)
    return redirect("playground:keys", slug)


@require_POST
@login_required
def refresh(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    _, provider, stored = _stored(request, slug, code)
    check = check_key(provider, stored)
    messages.add_message(request, messages.SUCCESS if check.ok else messages.WARNING, check.message)
    return redirect("playground:key", slug, code)


@require_POST
@login_required
@one_after_the_other
def threshold(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership, provider, stored = _stored(request, slug, code)
    form = _low_balance_form(stored, request.POST)
    if not form.is_valid():
        return _page(request, membership, provider, stored, low=form)
    amount = form.cleaned_data["threshold"]
    set_low_balance(stored, None if amount is None else money.in_credits(amount), request.user)
    said = (
        f"You are warned below {money.usd(amount)}."
        if amount is not None
        else "The provider decides what is low."
    )
    messages.success(request, said)
    return redirect("playground:key", slug, code)


def _stored(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> tuple[Membership, Provider, ApiKey]:
    """Return the membership, the provider and the key, if this member may change it."""
    membership = get_membership_for(request.user, slug)
    stored = get_key_for(membership, code)
    return membership, get_provider_for(membership.workspace, stored.provider_code), stored


def _low_balance_form(stored: ApiKey, data: QueryDict | None = None) -> LowBalanceForm:
    threshold = None if stored.low_threshold is None else money.in_usd(stored.low_threshold).normalize()
    return LowBalanceForm(data, initial={"threshold": "" if threshold is None else f"{threshold:f}"})


def _page(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    provider: Provider,
    stored: ApiKey,
    *,
    form: KeySettingsForm | None = None,
    secret: forms.Form | None = None,
    low: LowBalanceForm | None = None,
) -> HttpResponse:
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "keys",
        "provider": provider,
        "key": key_view(stored, provider),
        "form": form or KeySettingsForm(None, stored),
        "secret": secret or SecretForm(auto_id="new-%s"),
        "low": low or _low_balance_form(stored),
    }
    return render(request, "playground/key.html", context)
