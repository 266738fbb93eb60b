from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.models import Conversation, Draft

if TYPE_CHECKING:
    from playground.models import Endpoint


def select_model(
    setting: Conversation | Draft,
    endpoint: Endpoint,
    parameters: dict[str, Any],
    *,
    set_aside: dict[str, Any] | None = None,
) -> None:
    """Keep what the composer is set to, for this conversation or for the next new chat.

    :param set_aside: without it, what an earlier switch set aside stays so, and has been told.
    """
    if set_aside is None:
        set_aside = announced(setting.set_aside)
    chosen = {
        "model": endpoint.model,
        "endpoint_kind": endpoint.kind,
        "parameters": parameters,
        "schema_digest": endpoint.schema_digest,
        "set_aside": set_aside,
    }
    for name, value in chosen.items():
        setattr(setting, name, value)
    if isinstance(setting, Draft):
        # A control that was turned just before sending arrives at the same moment as the prompt.
        Draft.objects.update_or_create(user=setting.user, workspace=setting.workspace, defaults=chosen)
    else:
        # Not save(): the conversation may have been deleted meanwhile.
        Conversation.objects.filter(pk=setting.pk).update(**chosen)


def announced(set_aside: dict[str, Any]) -> dict[str, Any]:
    """The same, no longer news to anybody."""
    return {**set_aside, "is_told": True} if set_aside else {}
