"""The link with which an import opens the form of a new experiment, with all that it brought chosen there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import Http404

from playground.access import get_model_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import Membership
    from chat.models import Prompt
    from chat.prompts.cases import CaseSet
    from playground.models import UpstreamModel

# Many proxies refuse addresses of more than 8 kB.
_LONGEST_QUERY = 6_000


def models_named(membership: Membership, names: Iterable[str]) -> list[UpstreamModel]:
    """Return the models that another tool calls by these names, as far as the member may use them."""
    found = []
    for name in names:
        try:
            found.append(get_model_for(membership, name))
        except Http404:
            continue
    return found


def query_of(prompts: Iterable[Prompt], models: Iterable[UpstreamModel], sets: Iterable[CaseSet] = ()) -> str:
    """Return the query with which the page chooses each prompt with each model and each set of parameters.

    Sets that make the address too long are left out.
    """
    chosen = {
        "prompts": [f"{prompt.code}:{prompt.version}" for prompt in prompts],
        "models": [model.pk for model in models],
    }
    rows = dict[str, str]()
    for place, each in enumerate(sets):
        text = json.dumps(each.parameters, ensure_ascii=False) if each.parameters else ""
        rows |= {f"s.{place}.name": each.name[:80], f"s.{place}.kind": each.kind, f"s.{place}.json": text}
    whole = urlencode({**chosen, **rows}, doseq=True)
    return whole if len(whole) <= _LONGEST_QUERY else urlencode(chosen, doseq=True)
