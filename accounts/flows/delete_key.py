from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit, balances
from accounts.flows.save_key import subject_of
from accounts.models import ApiKey, AuditAction

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User, Workspace


@transaction.atomic
def delete_key(key: ApiKey, *, actor: User) -> bool:
    """Delete a key; return False if it was deleted already."""
    deleted = bool(_delete(ApiKey.objects.filter(pk=key.pk), actor))
    balances.note_low(key.workspace_id)
    return deleted


@transaction.atomic
def delete_all_keys(workspace: Workspace, provider_code: str, *, actor: User) -> None:
    """Delete every key for a provider: the workspace's and its members'."""
    _delete(ApiKey.objects.filter(workspace=workspace, provider_code=provider_code), actor)


def _delete(found: QuerySet[ApiKey], actor: User) -> int:
    keys = list(found.select_related("member"))
    for key in keys:
        audit.record(
            key.workspace_id,
            AuditAction.DELETE_KEY,
            actor=actor,
            subject=subject_of(key),
            code=key.code,
            before={"of": audit.name_of(key.member) if key.member else "the workspace"},
        )
    found.delete()
    return len(keys)
