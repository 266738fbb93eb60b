from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction

if TYPE_CHECKING:
    from accounts.models import User
    from playground.models import Provider


@transaction.atomic
def switch_provider(provider: Provider, *, is_enabled: bool, actor: User) -> None:
    """Offer the provider's models to members, or stop offering them."""
    provider.is_enabled = is_enabled
    provider.save(update_fields=["is_enabled"])
    if provider.workspace_id is not None:
        audit.record(
            provider.workspace_id,
            AuditAction.SWITCH_PROVIDER,
            actor=actor,
            subject=provider,
            code=provider.code,
            before={"on": not is_enabled},
            after={"on": is_enabled},
        )
