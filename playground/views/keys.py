from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts import balances
from accounts.access import get_membership_for, require
from accounts.flows.save_key import save_key
from accounts.models import ApiKey
from accounts.permissions import Action, allows
from playground.access import get_provider_for
from playground.flows.refresh_balances import check_key
from playground.forms.keys import KeyForm
from playground.models import Provider

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership, User


# The action that a member must be allowed, by whose the key is.
KEY_ACTIONS = {"mine": Action.OWN_KEY, "workspace": Action.MANAGE_KEYS}


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A provider's key, or None, with the form that stores one."""

    provider: Provider
    whose: str
    key: ApiKey | None
    form: KeyForm

    @property
    def is_low(self) -> bool:
        return self.key is not None and balances.is_low(self.key)

    @property
    def id(self) -> str:
        return f"{self.whose}-{self.provider.code}"


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
    membership, found, member = target(request, slug, whose, provider)
    form = KeyForm(request.POST, auto_id=_auto_id(whose, found))
    if form.is_valid() and request.POST.get("base_url", found.base_url) != found.base_url:
        # The key was meant for the server that the page named.
        form.add_error("secret", f"{found} has another address now. Check it, then paste the key again.")
    if not form.is_valid():
        return _page(request, membership, bound=KeyRow(found, whose, None, form))
    key = save_key(
        membership.workspace, found.code, form.cleaned_data["secret"], member=member, actor=request.user
    )
    works = _say_whether_it_works(request, found, key, "key saved. ")
    place = _place_to_return_to(request)
    if works and place:
        return redirect(place)
    query = f"?{urlencode({'provider': provider, 'next': place})}" if place else ""
    return redirect(f"{reverse('playground:keys', args=[slug])}{query}")


def target(
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


def _say_whether_it_works(
    request: AuthenticatedHttpRequest, provider: Provider, key: ApiKey, saved: str
) -> bool:
    check = check_key(provider, key)
    level = messages.SUCCESS if check.ok else messages.WARNING
    messages.add_message(request, level, f"{provider}: {saved}{check.message}")
    return check.ok


def _place_to_return_to(request: AuthenticatedHttpRequest) -> str:
    """Return the address on this site that the user came from to add a key; empty if there is none."""
    place = request.POST.get("next") or request.GET.get("next", "")
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(place, hosts, require_https=request.is_secure())
    return place if is_ours and place.startswith("/") else ""


def _auto_id(whose: str, provider: Provider) -> str:
    # A page has several of these forms, so ids need a prefix.
    return f"{whose}-{provider.code}-%s"


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


def _page(
    request: AuthenticatedHttpRequest, membership: Membership, *, bound: KeyRow | None = None
) -> HttpResponse:
    offered = Provider.objects.for_workspace(membership.workspace).exclude(kind=Provider.Type.DEMO)
    providers = list(offered.filter(is_enabled=True).order_by("name", "pk"))
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "keys",
        "mine": _rows(membership, providers, "mine", request.user, bound),
        "shared": _rows(membership, providers, "workspace", None, bound),
        "can_own": allows(membership.role, Action.OWN_KEY),
        "can_manage": allows(membership.role, Action.MANAGE_KEYS),
        "next": _place_to_return_to(request),
        # The provider whose key is asked for: its form is open.
        "asked": request.GET.get("provider", ""),
    }
    return render(request, "playground/keys.html", context)


def _rows(
    membership: Membership, providers: list[Provider], whose: str, member: User | None, bound: KeyRow | None
) -> list[KeyRow]:
    found = ApiKey.objects.filter(workspace=membership.workspace, member=member).select_related("created_by")
    by_code = {key.provider_code: key for key in found}
    rows = []
    for provider in providers:
        form = KeyForm(auto_id=_auto_id(whose, provider))
        if bound and (bound.whose, bound.provider) == (whose, provider):
            form = bound.form
        rows.append(KeyRow(provider, whose, by_code.get(provider.code), form))
    return rows
