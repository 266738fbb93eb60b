"""The models of a workspace as choices of a setting."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from accounts import keys
from playground.access import as_decided, catalogue_of, kinds_of, models_for, why_unavailable

if TYPE_CHECKING:
    from accounts.models import Membership
    from playground.models import UpstreamModel

Groups = list[tuple[str, list["UpstreamModel"]]]


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The models to choose from, by provider, and the one that was chosen."""

    groups: Groups
    chosen: UpstreamModel | None = None
    # The reason for which the chosen model cannot be used now; empty if it can.
    trouble: str = ""


def models_by_provider(membership: Membership, *, but: UpstreamModel | None = None) -> Groups:
    """Return the models that the member can use, without ``but``, by the name of their provider."""
    usable = models_for(membership)
    if but is not None:
        usable = usable.exclude(pk=but.pk)
    with_endpoint = kinds_of(usable)
    return _grouped([model for model in as_decided(usable) if model.pk in with_endpoint])


def ready_models(membership: Membership) -> list[UpstreamModel]:
    """Return the models that the member can use and has a key for."""
    usable = models_for(membership)
    given = keys.usable_keys(membership.workspace, membership.user)
    with_endpoint = kinds_of(usable)
    return [
        model
        for model in as_decided(usable)
        if model.pk in with_endpoint
        and (not model.provider.needs_key or given.has(model.provider.code, model.model_id))
    ]


def model_choice(membership: Membership, ready: list[UpstreamModel], kept: int | None) -> ModelChoice:
    """Return the ready models as a choice, with the one that is set.

    That one stays in the list, whatever has become of it.
    """
    chosen = next((model for model in ready if model.pk == kept), None)
    if chosen is not None or kept is None:
        return ModelChoice(_grouped(ready), chosen)
    found = as_decided(catalogue_of(membership.workspace).filter(pk=kept))
    if not found:
        return ModelChoice(_grouped(ready))
    chosen = found[0]
    trouble = why_unavailable(membership, chosen) or f"You have no key for {chosen.provider}."
    return ModelChoice(_grouped([*ready, chosen]), chosen, trouble)


def _grouped(models: list[UpstreamModel]) -> Groups:
    by_provider = sorted(models, key=lambda model: (model.provider.name.casefold(), model.provider_id))
    groups = groupby(by_provider, key=lambda model: model.provider)
    return [(provider.name, list(group)) for provider, group in groups]
