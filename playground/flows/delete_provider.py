from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.flows.delete_key import delete_all_keys
from accounts.models import AuditAction

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from playground.models import Provider


@transaction.atomic
def delete_provider(workspace: Workspace, provider: Provider, *, actor: User) -> None:
    """Delete a provider that the workspace added, with its models and all keys for it."""
    delete_all_keys(workspace, provider.code, actor=actor)
    audit.record(
        workspace,
        AuditAction.DELETE_PROVIDER,
        actor=actor,
        subject=provider,
        code=provider.code,
        before={"address": provider.base_url},
    )
    provider.delete()
