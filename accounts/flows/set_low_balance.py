from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit, balances
from accounts.models import ApiKey, AuditAction

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def set_low_balance(key: ApiKey, threshold: int | None, actor: User) -> None:
    """Set the credits below which the balance of a key counts as low; None leaves that to the provider."""
    before, key.low_threshold = key.low_threshold, threshold
    ApiKey.objects.filter(pk=key.pk).update(low_threshold=threshold)
    balances.note_low(key.workspace_id)
    audit.record(
        key.workspace_id,
        AuditAction.SET_LOW_BALANCE,
        actor=actor,
        subject=key.provider_code,
        code=key.code,
        before={"credits": before},
        after={"credits": threshold},
    )
