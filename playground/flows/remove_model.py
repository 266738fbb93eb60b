from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction
from playground.models import UpstreamModel

if TYPE_CHECKING:
    from accounts.models import User
    from playground.models import Provider


@transaction.atomic
def remove_model(provider: Provider, pk: int, *, actor: User) -> bool:
    """Remove a model for good: a sync that finds it listed does not bring it back.

    Its row stays, so conversations that used the model stay readable.

    :returns: False if the provider has no such model.
    """
    model = UpstreamModel.objects.filter(provider=provider, pk=pk, is_enabled=True).first()
    if model is None or not UpstreamModel.objects.filter(pk=pk, is_enabled=True).update(is_enabled=False):
        return False
    if provider.workspace_id is not None:
        audit.record(
            provider.workspace_id,
            AuditAction.REMOVE_MODEL,
            actor=actor,
            subject=provider,
            code=provider.code,
            before={"model": model.model_id},
        )
    return True
