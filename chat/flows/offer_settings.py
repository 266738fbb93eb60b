from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, JSONField

from accounts.prepared import prepared_update
from chat.models import Draft

if TYPE_CHECKING:
    from django.db.models import QuerySet

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
    # The draft itself, which may not be sent yet, is left alone.
    last_chat = offered if choice.parameters else {}
    if _store(user=user.pk, workspace=workspace.pk, last_chat=last_chat):
        return
    draft = Draft(
        user=user,
        workspace=workspace,
        model_id=endpoint.model_id,
        endpoint_kind=endpoint.kind,
        schema_digest=endpoint.schema_digest,
        last_chat=last_chat,
    )
    Draft.objects.bulk_create(
        [draft], update_conflicts=True, unique_fields=["user", "workspace"], update_fields=["last_chat"]
    )


@prepared_update(user=BigIntegerField(), workspace=BigIntegerField(), last_chat=JSONField())
def _store(user: Any, workspace: Any, last_chat: Any) -> tuple[QuerySet[Draft], dict[str, Any]]:
    return Draft.objects.filter(user_id=user, workspace_id=workspace), {"last_chat": last_chat}
