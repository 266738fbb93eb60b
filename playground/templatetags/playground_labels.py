"""The names of endpoints, models and providers, for pages that know only copies of their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from playground import labels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import Membership, Workspace


register = template.Library()


@register.filter
def endpoint_label(kind: str) -> str:
    return labels.endpoint_label(kind)


@register.simple_tag
def model_names(workspace: Workspace, *lists: Iterable[Any]) -> dict[labels.ModelKey, str]:
    """Return the names of the models among the rows of a report, in one query.

    ``{% model_names workspace report.by_model runs.rows as names %}``
    """
    return labels.model_names(workspace, {_key(row.what) for rows in lists for row in rows})


@register.simple_tag
def provider_names(workspace: Workspace, rows: Iterable[Any]) -> dict[str, str]:
    """Return the names of the providers among the rows of a report, in one query."""
    return labels.provider_names(workspace, {_key(row.what)[0] for row in rows})


@register.simple_tag
def offered_providers(membership: Membership) -> list[tuple[str, str]]:
    """Return the codes and names of the providers whose models a member may use.

    ``{% offered_providers membership as providers %}``
    """
    return labels.offered_providers(membership)


@register.filter
def named(what: Any, names: dict[labels.ModelKey, str]) -> str:
    """Return the name of the model of a ledger entry or of a sum over many."""
    return names[_key(what)]


@register.filter
def provider_named(what: Any, names: dict[str, str]) -> str:
    """Return the name of the provider of a ledger entry or of a sum over many."""
    return names[_key(what)[0]]


def _key(what: Any) -> labels.ModelKey:
    if isinstance(what, dict):
        return what["provider_code"], what["model_id"]
    return what.provider_code, what.model_id
