from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction
from playground.flows.note_managed_key import cap_facts, note_managed_key

if TYPE_CHECKING:
    from accounts.models import CappedKey, User
    from playground.upstream.managed_keys import Cap, KeyManager


def change_capped_key(
    capped: CappedKey, manager: KeyManager, cap: Cap, *, is_disabled: bool, actor: User
) -> bool:
    """Change the cap of a key at the provider, or disable or enable it. Blocks.

    :returns: whether the provider reports what was asked for; what it reports is noted in any case.
    :raises UpstreamError: the provider refused, or it is not known whether it did so.
    """
    found = manager.change_key(capped.prefix, cap, is_disabled=is_disabled)
    with transaction.atomic():
        note_managed_key(capped, found)
        audit.record(
            capped.workspace_id,
            AuditAction.CHANGE_CAPPED_KEY,
            actor=actor,
            subject=capped.provider_code,
            code=f"capped key {capped.code}",
            after={"name": capped.name, **cap_facts(found)},
        )
    return (found.cap, found.is_disabled) == (cap, is_disabled)
