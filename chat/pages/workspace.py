"""The page with the settings of a whole workspace."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from accounts import keys, money
from chat.models import TitleSetting
from playground import pricing
from playground.access import as_decided, catalogue_of, kinds_of, models_for, why_unavailable

if TYPE_CHECKING:
    from accounts.models import Membership
    from playground.models import UpstreamModel

# Tokens of a usual title: the instruction with the beginning of an exchange, and the title itself.
TOKENS_READ, TOKENS_WRITTEN = 280, 20


@dataclass(frozen=True, slots=True)
class TitleModels:
    """The models that can make titles, by provider, and the one that was chosen."""

    groups: list[tuple[str, list[UpstreamModel]]]
    chosen: UpstreamModel | None = None
    # The reason for which the chosen model makes no titles now; empty if it does.
    trouble: str = ""

    @property
    def tokens(self) -> int:
        return TOKENS_READ + TOKENS_WRITTEN

    @property
    def cost(self) -> str:
        """The usual cost of a title in dollars; empty for a model without a known price."""
        model = self.chosen
        if model is None or model.input_price is None or model.output_price is None:
            return ""
        credits = pricing.cost(TOKENS_READ, TOKENS_WRITTEN, model.input_price, model.output_price)
        return money.usd(money.in_usd(credits))


def models_by_provider(
    membership: Membership, *, but: UpstreamModel
) -> list[tuple[str, list[UpstreamModel]]]:
    """Return the models that the member can use, but one, by the name of their provider."""
    usable = models_for(membership).exclude(pk=but.pk)
    with_endpoint = kinds_of(usable)
    return _grouped([model for model in as_decided(usable) if model.pk in with_endpoint])


def _grouped(models: list[UpstreamModel]) -> list[tuple[str, list[UpstreamModel]]]:
    models.sort(key=lambda model: (model.provider.name.casefold(), model.provider_id))
    groups = groupby(models, key=lambda model: model.provider)
    return [(provider.name, list(group)) for provider, group in groups]


def title_models(membership: Membership) -> TitleModels:
    """Return the models that the member can use and has a key for, and the workspace's choice.

    A chosen model stays in the list, whatever has become of it.
    """
    workspace = membership.workspace
    usable = models_for(membership)
    given = keys.providers_with_key(workspace, membership.user)
    with_endpoint = kinds_of(usable)
    setting = TitleSetting.objects.filter(workspace=workspace).first()
    kept = setting.model_id if setting else None
    ready = [
        model
        for model in as_decided(usable)
        if model.pk in with_endpoint and (not model.provider.needs_key or model.provider.code in given)
    ]
    chosen = next((model for model in ready if model.pk == kept), None)
    trouble = ""
    if chosen is None and kept is not None:
        chosen = as_decided(catalogue_of(workspace).filter(pk=kept))[0]
        trouble = why_unavailable(membership, chosen) or f"You have no key for {chosen.provider}."
        ready.append(chosen)
    return TitleModels(_grouped(ready), chosen, trouble)
