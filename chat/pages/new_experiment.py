from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from chat.models import Prompt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.models import UpstreamModel


def query_of(prompts: Iterable[Prompt], models: Iterable[UpstreamModel]) -> str:
    """Return the query with which the page chooses each prompt with each model."""
    chosen = {
        "prompts": [f"{prompt.code}:{prompt.version}" for prompt in prompts],
        "models": [model.pk for model in models],
    }
    return urlencode(chosen, doseq=True)
