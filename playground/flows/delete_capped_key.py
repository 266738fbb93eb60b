from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import ApiKey, AuditAction, CappedKey

if TYPE_CHECKING:
    from accounts.models import User
    from playground.upstream.managed_keys import KeyManager


def delete_capped_key(capped: CappedKey, manager: KeyManager, *, actor: User) -> None:
    """Delete a key at the provider, then here. Blocks.

    :raises UpstreamError: the provider refused, or it is not known whether it did so.
        Nothing is deleted here then.
    """
    manager.delete_key(capped.prefix)
    with transaction.atomic():
        capped.workspace.lock()
        # The secret may have been replaced by another key meanwhile, which stays.
        ApiKey.objects.filter(capped=capped.pk).delete()
        CappedKey.objects.filter(pk=capped.pk).delete()
        audit.record(
            capped.workspace_id,
            AuditAction.DELETE_CAPPED_KEY,
            actor=actor,
            subject=capped.provider_code,
            code=f"capped key {capped.code}",
            before={"name": capped.name},
        )


def forget_capped_key(capped: CappedKey) -> bool:
    """Remove a key that the provider no longer lists from our list; return False if it does list it."""
    deleted, _ = CappedKey.objects.filter(pk=capped.pk, is_missing=True).delete()
    return bool(deleted)
