"""A stored prompt beside the catalogue of today: the model that answers now, and what its schema accepts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chat.pages.composer import chosen_endpoint, draft_of
from chat.pages.notices import shown
from chat.pages.trying import named_model
from playground.access import as_decided, endpoint_of, models_for
from playground.carrying import Choices, carry_to
from playground.labels import endpoint_label
from playground.models import DEFAULT_KIND

if TYPE_CHECKING:
    from accounts.models import Membership
    from chat.prompts.content import PromptContent
    from playground.models import Endpoint, UpstreamModel

_MOST_NOTES = 12


@dataclass(frozen=True, slots=True)
class PromptToday:
    """``endpoint`` is None if there is no model to use. ``notes`` are sentences about what is different."""

    endpoint: Endpoint | None
    parameters: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def today_of(membership: Membership, content: PromptContent) -> PromptToday:
    """Return the model and the parameters with which a prompt would be sent now."""
    usual = chosen_endpoint(draft_of(membership), membership)
    model, note = _model(membership, content, usual.model if usual else None)
    kind = content.endpoint or (usual.kind if usual and not content.model else DEFAULT_KIND)
    endpoint = endpoint_of(model, kind) if model else None
    if endpoint is None:
        missing = "There is no model to use. Ask an admin to add one or switch one on."
        return PromptToday(None, notes=(note or missing,))
    notes = [note] if note else []
    if content.endpoint and endpoint.kind != content.endpoint:
        label = endpoint_label(endpoint.kind)
        notes.append(f"{endpoint.model.name} has no {endpoint_label(content.endpoint)}, so {label} is used.")
    carried = carry_to(endpoint, Choices(content.parameters, kind))
    left = [
        f"“{each.name}” is left out: {_reason(each.reason)} ({shown(each.value)})" for each in carried.dropped
    ]
    more = len(left) - _MOST_NOTES
    notes += [*left[:_MOST_NOTES], *([f"{more} more parameters are left out."] if more > 0 else [])]
    return PromptToday(endpoint, carried.kept, tuple(notes))


def _model(
    membership: Membership, content: PromptContent, usual: UpstreamModel | None
) -> tuple[UpstreamModel | None, str]:
    """Return the model of the prompt, or the one that stands in for it and a note about that."""
    of_provider = models_for(membership).filter(provider__code=content.provider, model_id=content.model)
    if content.model and (found := as_decided(of_provider)):
        return found[0], ""
    return named_model(content.model, membership, usual)


def _reason(reason: str) -> str:
    """
    >>> _reason("At most 2.")
    'at most 2'
    """
    return (reason if reason[1:2].isupper() else reason[:1].lower() + reason[1:]).rstrip(".")
