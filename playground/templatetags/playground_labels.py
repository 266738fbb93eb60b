"""The names of endpoints, models and providers, for pages that know only copies of their ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import template

from accounts.models import ApiKey, User
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
def offered_models(membership: Membership, words: str) -> list[tuple[str, str]]:
    """Return the ids and names of models that a member may use, as far as a search finds them.

    ``{% offered_models membership words as offered %}``
    """
    return labels.offered_models(membership, words)


@register.simple_tag
def offered_providers(membership: Membership) -> list[tuple[str, str]]:
    """Return the codes and names of the providers whose models a member may use.

    ``{% offered_providers membership as providers %}``
    """
    return labels.offered_providers(membership)


@dataclass(frozen=True, slots=True)
class RowLabel:
    """The name of a row of a report, and a second line: an address, a provider or an id."""

    name: str
    detail: str = ""
    title: str = ""


@register.simple_tag
def row_labels(workspace: Workspace, kind: str, *lists: Iterable[Any]) -> dict[Any, RowLabel]:
    """Return the labels of the rows of a report, in at most two queries.

    ``{% row_labels workspace report.by page chart.stripes as labels %}``

    :param kind: the kind of the rows: person, group, key, model, provider or day.
    """
    found = {row.what for rows in lists for row in rows}
    # A row of all others is a text that names itself, whatever the kind.
    if kind == "model":
        keys = {_key(what) for what in found if not isinstance(what, str)}
        names = labels.model_names(workspace, keys)
        providers = labels.provider_names(workspace, {code for code, _ in keys})
        rest = {what: RowLabel(str(what)) for what in found if isinstance(what, str)}
        return rest | {key: RowLabel(names[key], providers[key[0]], key[1]) for key in keys}
    if kind == "provider":
        providers = labels.provider_names(workspace, found)
        return {code: RowLabel(name, "" if name == code else code) for code, name in providers.items()}
    if kind == "key":
        used = {what for what in found if isinstance(what, ApiKey)}
        providers = labels.provider_names(workspace, {key.provider_code for key in used})
        rest = {what: RowLabel(str(what)) for what in found - used}
        return rest | {key: _key_label(key, providers[key.provider_code]) for key in used}
    return {
        what: RowLabel(what.display_name, what.email) if isinstance(what, User) else RowLabel(str(what))
        for what in found
    }


def _key_label(key: ApiKey, provider: str) -> RowLabel:
    return RowLabel(key.name_at(provider), "" if key.member else "The workspace’s key")


@register.filter
def label_in(what: Any, found: dict[Any, RowLabel]) -> RowLabel:
    """Return the label of a row: ``{% with label=row.what|label_in:labels %}``."""
    return found[what]


@register.filter
def name_in(what: Any, found: dict[Any, RowLabel]) -> str:
    return found[what].name


@register.filter
def named(what: Any, names: dict[labels.ModelKey, str]) -> str:
    """Return the name of the model of a ledger entry or of a sum over many."""
    return names[_key(what)]


def _key(what: Any) -> labels.ModelKey:
    if isinstance(what, dict):
        return what["provider_code"], what["model_id"]
    return what.provider_code, what.model_id
