"""The page of the keys that were made with a cap at their provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.paginator import Paginator

from accounts import money
from accounts.models import CappedKey, Membership
from accounts.permissions import ROLES, Action
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.managed_keys import is_unsure

if TYPE_CHECKING:
    from django import forms
    from django.core.paginator import Page

    from accounts.models import Workspace
    from accounts.pages.filters import ListFilters
    from playground.models import Provider
    from playground.upstream.errors.exceptions import UpstreamError

# Each row has two forms.
PER_PAGE = 10
_EACH = {"day": "a day", "week": "a week", "month": "a month", "no_reset": "in all"}
_REFUSALS = {
    FailureKind.UNAUTHORISED: "The provider did not accept the management key. Make one on its site: "
    "a key for models is not a management key.",
    FailureKind.FORBIDDEN: "The provider does not let this key manage keys.",
    FailureKind.RATE_LIMITED: "The provider received too many requests. Try again in a minute.",
}
_NOT_FOUND = {
    "make": "The provider has no management of keys at its address.",
    "refresh": "The provider has no management of keys at its address.",
}
_NO_SUCH_KEY = "The provider does not know this key in the account of this management key."
_IF_UNSURE = {
    "make": "It may have made the key “{name}”: look on its site before you try again, and delete it there.",
    "refresh": "Nothing was changed.",
}
_LOOK = "It may have done it all the same. Ask for caps and use below to see what holds now."


@dataclass(frozen=True, slots=True)
class CapRow:
    """A key with a cap, with the forms that change and delete it. Texts are ready to show."""

    key: CappedKey
    whose: str
    cap: str
    used: str
    form: forms.Form
    delete_form: forms.Form


def capped_keys(workspace: Workspace, provider: Provider) -> list[CappedKey]:
    found = CappedKey.objects.filter(workspace=workspace, provider_code=provider.code)
    return list(found.select_related("member", "api_key").order_by("-created_at", "-pk"))


def capped_page(workspace: Workspace, provider: Provider, filters: ListFilters) -> Page[CappedKey]:
    """Return the page of keys that the filters ask for, the newest first."""
    found = [
        key
        for key in capped_keys(workspace, provider)
        if filters.finds(key.name, key.prefix, _whose(key), key.member.email if key.member else "")
    ]
    return Paginator(found, PER_PAGE).get_page(filters.page or 1)


def owners(workspace: Workspace) -> list[Membership]:
    """Return the members who may have a key of their own."""
    found = Membership.objects.filter(workspace=workspace, role__in=ROLES[Action.OWN_KEY])
    return sorted(found.select_related("user"), key=lambda each: each.user.display_name.lower())


def cap_row(key: CappedKey, form: forms.Form, delete_form: forms.Form) -> CapRow:
    return CapRow(
        key,
        _whose(key),
        cap_in_words(key),
        "" if key.used is None else f"{key.used.normalize():f}",
        form,
        delete_form,
    )


def _whose(key: CappedKey) -> str:
    return key.member.display_name if key.member else "Workspace"


def cap_in_words(key: CappedKey) -> str:
    if key.cap_usd is None:
        return "no cap"
    return f"{money.usd(key.cap_usd)} {_EACH.get(key.period, '')}".strip()


def why_not(error: UpstreamError, doing: str, name: str = "") -> str:
    """Say why the provider did not do it, and what holds now."""
    if is_unsure(error):
        said = error.message if error.message.endswith((".", "!", "?", "…")) else f"{error.message}."
        return f"{said} {_IF_UNSURE.get(doing, _LOOK).format(name=name)}"
    if error.kind is FailureKind.NOT_FOUND:
        said = _NOT_FOUND.get(doing, _NO_SUCH_KEY)
    else:
        said = _REFUSALS.get(error.kind, error.message)
    said = said if said.endswith((".", "!", "?", "…")) else f"{said}."
    return f"{said} Nothing was changed."
