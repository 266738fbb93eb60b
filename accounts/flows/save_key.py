from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now
from django.views.decorators.debug import sensitive_variables

from accounts import audit, balances, keys
from accounts.models import ApiKey, AuditAction

if TYPE_CHECKING:
    from accounts.models import User, Workspace


@sensitive_variables()
@transaction.atomic
def save_key(
    workspace: Workspace, provider_code: str, secret: str, *, member: User | None, actor: User
) -> ApiKey:
    """Store a key of ``member``, or of the whole workspace if that is None; an earlier one is replaced.

    :raises KeyMalformed: see :func:`accounts.keys.clean_secret`.
    """
    secret = keys.clean_secret(secret)
    # The lock keeps two callers from both finding no key and both creating one.
    workspace.lock()
    key = ApiKey.objects.filter(workspace=workspace, member=member, provider_code=provider_code).first()
    if key is None:
        key = ApiKey(workspace=workspace, member=member, provider_code=provider_code)
    else:
        key.replaced_at = now()
        key.last_used_at = None
        # It may belong to another account.
        key.balance = key.balance_at = key.balance_asked_at = None
    keys.seal(key, secret)
    key.created_by = actor
    key.save()
    balances.note_low(workspace.pk)
    return key
    audit.record(
        workspace,
        AuditAction.SAVE_KEY,
        actor=actor,
        subject=subject_of(key),
        code=key.code,
        after={"of": member.display_name if member else "the workspace"},
    )


def subject_of(key: ApiKey) -> str:
    """Name a key in the audit log."""
    return f"{key.provider_code} ({key.label})" if key.label else key.provider_code
