"""The page of keys with a cap of the provider's own, and what admins do there with a management key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_capped_key_of, get_membership_for, require
from accounts.pages.filters import ListFilters
from accounts.permissions import Action
from playground import clients
from playground.access import get_provider_for
from playground.exceptions import CapRefused
from playground.flows.change_capped_key import change_capped_key
from playground.flows.delete_capped_key import delete_capped_key, forget_capped_key
from playground.flows.make_capped_key import make_capped_key
from playground.flows.refresh_capped_keys import refresh_capped_keys
from playground.forms.caps import ChangeKeyForm, MakeKeyForm, ManagementForm
from playground.models import Provider
from playground.pages.caps import cap_in_words, cap_row, capped_page, owners, why_not
from playground.upstream.errors.exceptions import UpstreamError

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import CappedKey, Membership
    from playground.upstream.managed_keys import KeyManager

# The form keeps these when the provider refuses: all but the management key.
_KEPT = ("owner", "name", "cap_usd", "period")


@require_safe
@login_required
def caps(request: AuthenticatedHttpRequest, slug: str, provider: str) -> HttpResponse:
    membership, found = _place(request, slug, provider)
    kept = {name: request.GET[name][:200] for name in _KEPT if name in request.GET}
    form = MakeKeyForm(initial=kept, members=owners(membership.workspace), auto_id="make-%s")
    return _page(request, membership, found, make=form)


@sensitive_post_parameters("management_key")
@sensitive_variables("form", "manager")
@require_POST
@login_required
def make(request: AuthenticatedHttpRequest, slug: str, provider: str) -> HttpResponse:
    membership, found = _place(request, slug, provider)
    form = MakeKeyForm(request.POST, members=owners(membership.workspace), auto_id="make-%s")
    if not _is_for(form, request, found):
        return _page(request, membership, found, make=form)
    name, manager = form.cleaned_data["name"], _manager(form, found)
    place = reverse("playground:capped_keys", args=[slug, found.code])
    try:
        made = make_capped_key(
            membership.workspace,
            found,
            manager,
            member=form.member,
            name=name,
            cap=form.cap,
            may_replace=form.cleaned_data["may_replace"],
            actor=request.user,
        )
    except (CapRefused, UpstreamError) as error:
        said = error.text if isinstance(error, CapRefused) else why_not(error, "make", name)
        messages.warning(request, said)
        kept = {field: str(form.cleaned_data[field]) for field in _KEPT}
        return redirect(f"{place}?{urlencode(kept)}")
    messages.success(request, f"The key {made.name} is made and stored, with a cap of {cap_in_words(made)}.")
    return redirect(place)


@sensitive_post_parameters("management_key")
@sensitive_variables("form")
@require_POST
@login_required
def refresh(request: AuthenticatedHttpRequest, slug: str, provider: str) -> HttpResponse:
    """Ask the provider for the caps and the use of all keys."""
    membership, found = _place(request, slug, provider)
    form = ManagementForm(request.POST, auto_id="refresh-%s")
    if not _is_for(form, request, found):
        return _page(request, membership, found, asking=form)
    try:
        missing, others = refresh_capped_keys(membership.workspace, found, _manager(form, found))
    except UpstreamError as error:
        messages.warning(request, why_not(error, "refresh"))
    else:
        said = "Caps and use are up to date."
        if others:
            said += (
                f" The account has {others:,} more key{'' if others == 1 else 's'}, not made on this page."
            )
        messages.success(request, said)
        if missing:
            messages.warning(request, f"The account does not have {missing:,} of the keys below.")
    return redirect("playground:capped_keys", slug, found.code)


@sensitive_post_parameters("management_key")
@sensitive_variables("form")
@require_POST
@login_required
def change(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership, found, capped = _capped(request, slug, code)
    form = ChangeKeyForm(request.POST, auto_id=f"change-{capped.code}-%s")
    if not _is_for(form, request, found):
        return _page(request, membership, found, changed=(capped, form))
    try:
        is_disabled = form.cleaned_data["is_disabled"]
        is_done = change_capped_key(
            capped, _manager(form, found), form.cap, is_disabled=is_disabled, actor=request.user
        )
    except UpstreamError as error:
        messages.warning(request, why_not(error, "change"))
    else:
        if is_done:
            messages.success(request, f"{capped.name} is changed at {found}.")
        else:
            messages.warning(
                request, f"{found} reports something else than you asked for: see {capped.name}."
            )
    return redirect("playground:capped_keys", slug, found.code)


@sensitive_post_parameters("management_key")
@sensitive_variables("form")
@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Delete the key at the provider, then here."""
    membership, found, capped = _capped(request, slug, code)
    form = ManagementForm(request.POST, auto_id=f"delete-{capped.code}-%s")
    if not _is_for(form, request, found):
        return _page(request, membership, found, deleted=(capped, form))
    try:
        delete_capped_key(capped, _manager(form, found), actor=request.user)
    except UpstreamError as error:
        messages.warning(request, why_not(error, "delete"))
    else:
        messages.success(request, f"{capped.name} is deleted, at {found} and here.")
    return redirect("playground:capped_keys", slug, found.code)


@require_POST
@login_required
def forget(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Remove a key from the list that the provider does not have any more."""
    _, found, capped = _capped(request, slug, code)
    if forget_capped_key(capped):
        messages.success(request, f"{capped.name} is no longer in this list.")
    else:
        messages.warning(request, f"{capped.name} still exists at {found}. Delete it there first.")
    return redirect("playground:capped_keys", slug, found.code)


def _place(request: AuthenticatedHttpRequest, slug: str, code: str) -> tuple[Membership, Provider]:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_KEYS)
    provider = get_provider_for(membership.workspace, code)
    if provider.kind != Provider.Type.AIMLAPI:
        raise Http404
    return membership, provider


def _capped(
    request: AuthenticatedHttpRequest, slug: str, code: UUID
) -> tuple[Membership, Provider, CappedKey]:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_KEYS)
    capped = get_capped_key_of(membership.workspace, code)
    return *_place(request, slug, capped.provider_code), capped


def _is_for(form: ManagementForm, request: AuthenticatedHttpRequest, provider: Provider) -> bool:
    """Validate the form. A management key was meant for the server that the page named."""
    if form.is_valid() and request.POST.get("base_url", provider.base_url) != provider.base_url:
        form.add_error(
            "management_key", f"{provider} has another address now. Check it, then paste the key again."
        )
    return form.is_valid()


@sensitive_variables()
def _manager(form: ManagementForm, provider: Provider) -> KeyManager:
    return clients.key_manager(provider, form.cleaned_data["management_key"])


def _page(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    provider: Provider,
    *,
    make: MakeKeyForm | None = None,
    asking: ManagementForm | None = None,
    changed: tuple[CappedKey, ChangeKeyForm] | None = None,
    deleted: tuple[CappedKey, ManagementForm] | None = None,
) -> HttpResponse:
    refused = changed or deleted
    # A form that was refused is shown with its row alone.
    filters = ListFilters(q=refused[0].prefix) if refused else ListFilters.of(request.GET.dict())
    page = capped_page(membership.workspace, provider, filters)
    rows = []
    for key in page:
        form = changed[1] if changed and changed[0] == key else _change_form(key)
        confirming = (
            deleted[1] if deleted and deleted[0] == key else ManagementForm(auto_id=f"delete-{key.code}-%s")
        )
        rows.append(cap_row(key, form, confirming))
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "keys",
        "provider": provider,
        "rows": rows,
        "page": page,
        "filters": filters,
        "form": make or MakeKeyForm(members=owners(membership.workspace), auto_id="make-%s"),
        "asking": asking or ManagementForm(auto_id="refresh-%s"),
    }
    return render(request, "playground/capped_keys.html", context)


def _change_form(key: CappedKey) -> ChangeKeyForm:
    cap = "" if key.cap_usd is None else f"{key.cap_usd:.2f}"
    now = {"cap_usd": cap, "period": key.period, "is_disabled": key.is_disabled}
    return ChangeKeyForm(initial=now, auto_id=f"change-{key.code}-%s")
