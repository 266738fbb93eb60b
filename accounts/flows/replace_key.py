from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now
from django.views.decorators.debug import sensitive_variables

from accounts import audit, balances, keys
from accounts.flows.save_key import subject_of
from accounts.models import ApiKey, AuditAction, CappedKey

if TYPE_CHECKING:
    from accounts.models import User


@sensitive_variables()
@transaction.atomic
def replace_key(key: ApiKey, secret: str, *, actor: User) -> ApiKey:
    """Put another secret into a stored key, which keeps its name, its people, its limits and its usage.

    :raises KeyMalformed: see :func:`accounts.keys.clean_secret`.
    :raises ApiKey.DoesNotExist: it was deleted in the meantime.
    """
    secret = keys.clean_secret(secret)
    key.workspace.lock()
    key = ApiKey.objects.select_related("workspace", "member").get(pk=key.pk)
    key.replaced_at = now()
    key.last_used_at = None
    # It may belong to another account.
    key.balance = key.balance_at = key.balance_asked_at = None
    # The last day was that of the earlier secret.
    earlier, key.expires_on, key.reminders = key.expires_on, None, 0
    # The earlier secret still exists at the provider, and stays in the list of keys with a cap.
    CappedKey.objects.filter(api_key=key).update(api_key=None)
    keys.seal(key, secret)
    key.created_by = actor
    key.save()
    balances.note_low(key.workspace_id)
    audit.record(
        key.workspace,
        AuditAction.REPLACE_KEY,
        actor=actor,
        subject=subject_of(key),
        code=key.code,
        before={"expires": earlier},
        after={"of": audit.name_of(key.member) if key.member else "the workspace", "expires": None},
    )
    return key
