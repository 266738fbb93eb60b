from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for, require
from accounts.exceptions import KeyRefused
from accounts.flows.save_key import save_key
from accounts.http import place_to_return_to
from accounts.pages.filters import ListFilters
from accounts.permissions import Action, allows
from playground.access import get_provider_for
from playground.flows.refresh_balances import check_key
from playground.forms.keys import KeyForm
from playground.models import Provider
from playground.pages.keys import keys_page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import ApiKey, Membership, User

# The action that a member must be allowed, by whose the key is.
KEY_ACTIONS = {"mine": Action.OWN_KEY, "workspace": Action.MANAGE_KEYS}


@require_safe
@login_required
def keys(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.READ)
    return _page(request, membership)


@sensitive_post_parameters("secret")
@require_POST
@login_required
def save(request: AuthenticatedHttpRequest, slug: str, whose: str, provider: str) -> HttpResponse:
    """Store one more key, and test it."""
    membership, found, member = _target(request, slug, whose, provider)
    form = _form(whose, found, request.POST)
    if form.is_valid() and is_elsewhere(request, found):
        form.add_error("secret", f"{found} has another address now. Check it, then paste the key again.")
    key = None
    if form.is_valid():
        try:
            key = save_key(
                membership.workspace,
                found.code,
                form.cleaned_data["secret"],
                member=member,
                actor=request.user,
                label=form.cleaned_data["label"],
            )
        except KeyRefused as refusal:
            form.add_error(refusal.field, refusal.text)
    if key is None:
        return _page(request, membership, bound=(whose, found, form))
    works = say_whether_it_works(request, found, key, "key saved. ")
    place = place_to_return_to(request)
    if works and place:
        return redirect(place)
    query = f"?{urlencode({'provider': provider, 'next': place})}" if place else ""
    return redirect(f"{reverse('playground:keys', args=[slug])}{query}")


def _target(
    request: AuthenticatedHttpRequest, slug: str, whose: str, code: str
) -> tuple[Membership, Provider, User | None]:
    """Return the membership, the provider and the key's owner, None for a shared key, if permitted."""
    membership = get_membership_for(request.user, slug)
    if whose not in KEY_ACTIONS:
        raise Http404
    require(membership, KEY_ACTIONS[whose])
    provider = get_provider_for(membership.workspace, code)
    if provider.kind == Provider.Type.DEMO:
        raise Http404
    return membership, provider, request.user if whose == "mine" else None


def is_elsewhere(request: AuthenticatedHttpRequest, provider: Provider) -> bool:
    """Tell whether the provider has moved since the page was made: the key was meant for that server."""
    return request.POST.get("base_url", provider.base_url) != provider.base_url


def say_whether_it_works(
    request: AuthenticatedHttpRequest, provider: Provider, key: ApiKey, saved: str
) -> bool:
    check = check_key(provider, key)
    level = messages.SUCCESS if check.ok else messages.WARNING
    name = f"{provider}, {key.label}" if key.label and key.label != provider.name else provider
    messages.add_message(request, level, f"{name}: {saved}{check.message}")
    return check.ok


def _form(whose: str, provider: Provider, data: Any = None) -> KeyForm:
    # A page has several of these forms, so ids need a prefix.
    return KeyForm(data, auto_id=f"{whose}-{provider.code}-%s")


def _page(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    *,
    bound: tuple[str, Provider, KeyForm] | None = None,
) -> HttpResponse:
    """Show the page. ``bound`` is the form that was refused, after whose and which provider's it is."""

    def form_for(whose: str, provider: Provider) -> KeyForm:
        return bound[2] if bound and bound[:2] == (whose, provider) else _form(whose, provider)

    filters = ListFilters.of(request.GET.dict())
    asked = bound[1].code if bound else request.GET.get("provider", "")
    page = keys_page(membership, form_for, filters, asked)
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "keys",
        "mine": page.mine,
        "shared": page.shared,
        "page": page.page,
        "found": page.found,
        "total": page.total,
        "filters": filters,
        "can_own": allows(membership.role, Action.OWN_KEY),
        "can_manage": allows(membership.role, Action.MANAGE_KEYS),
        # Providers that make keys with a cap.
        "capping": [each for each in page.providers if each.kind == Provider.Type.AIMLAPI],
        "next": place_to_return_to(request),
        # The provider whose key is asked for: its form is open.
        "asked": request.GET.get("provider", ""),
    }
    return render(request, "playground/keys.html", context)
