from __future__ import annotations

from typing import TYPE_CHECKING

from chat.models import Draft

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from chat.flows.build_request import Choice


def offer_settings(workspace: Workspace, user: User, choice: Choice) -> None:
    """Offer the parameters of a prompt to the next new chat of its author, in place of earlier ones.

    ``Draft.last_chat`` holds them (``parameters``) with the place where they were chosen: the model
    (``model``), the kind of its endpoint (``kind``) and the digest of the schema (``digest``).
    """
    endpoint = choice.endpoint
    offered = {
        "parameters": choice.parameters,
        "model": endpoint.model_id,
        "kind": endpoint.kind,
        "digest": endpoint.schema_digest,
    }
    draft = Draft(
        user=user,
        workspace=workspace,
        model_id=endpoint.model_id,
        endpoint_kind=endpoint.kind,
        schema_digest=endpoint.schema_digest,
        last_chat=offered if choice.parameters else {},
    )
    # The draft itself, which may not be sent yet, is left alone.
    Draft.objects.bulk_create(
        [draft], update_conflicts=True, unique_fields=["user", "workspace"], update_fields=["last_chat"]
    )
