from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import Http404

from chat.models import Prompt
from playground.access import get_model_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import Membership
    from playground.models import UpstreamModel


def models_named(membership: Membership, names: Iterable[str]) -> list[UpstreamModel]:
    """Return the models that another tool calls by these names, as far as the member may use them."""
    found = []
    for name in names:
        try:
            found.append(get_model_for(membership, name))
        except Http404:
            continue
    return found


def query_of(prompts: Iterable[Prompt], models: Iterable[UpstreamModel]) -> str:
    """Return the query with which the page chooses each prompt with each model."""
    chosen = {
        "prompts": [f"{prompt.code}:{prompt.version}" for prompt in prompts],
        "models": [model.pk for model in models],
    }
    return urlencode(chosen, doseq=True)
