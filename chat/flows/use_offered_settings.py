from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.flows.switch_model import extra_of
from chat.models import Draft
from playground.carrying import Choices, carry_to

if TYPE_CHECKING:
    from playground.models import Endpoint


def offered_settings(draft: Draft, endpoint: Endpoint, current: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of the last chat that the endpoint accepts and that ``current`` lacks."""
    last = draft.last_chat
    if not last:
        return {}
    chosen = Draft(
        model_id=last["model"],
        endpoint_kind=last["kind"],
        parameters=last["parameters"],
        schema_digest=last["digest"],
    )
    extra = [name for name, provider in extra_of(chosen).items() if provider == endpoint.model.provider_id]
    kept = carry_to(endpoint, Choices(chosen.parameters, chosen.endpoint_kind), extra=extra).kept
    return {name: value for name, value in kept.items() if name not in current or current[name] != value}


def use_offered_settings(draft: Draft, endpoint: Endpoint, current: dict[str, Any]) -> dict[str, Any]:
    """Add the parameters of the last chat to the current ones of the next; return what was added."""
    offered = offered_settings(draft, endpoint, current)
    draft.last_chat = {}
    draft.store({**draft.take(endpoint, {**current, **offered}), "last_chat": {}})
    return offered
