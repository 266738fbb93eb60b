from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts import audit, balances, keys
from accounts.exceptions import KeyRefused, VaultError
from accounts.folding import same_name
from accounts.models import ApiKey, AuditAction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User, Workspace

# More keys of one provider are rather a mistake of a program.
MOST_KEYS = 100


@sensitive_variables()
@transaction.atomic
def save_key(
    workspace: Workspace,
    provider_code: str,
    secret: str,
    *,
    member: User | None,
    actor: User,
    label: str = "",
) -> ApiKey:
    """Store one more key of ``member``, or of the whole workspace if that is None.

    :raises KeyMalformed: see :func:`accounts.keys.clean_secret`.
    :raises KeyRefused: this key is stored already, or the label is taken, or there are too many keys.
    """
    secret = keys.clean_secret(secret)
    # The lock keeps a double click from storing the key twice.
    workspace.lock()
    others = list(ApiKey.objects.filter(workspace=workspace, member=member, provider_code=provider_code))
    refuse_taken_label(label, others)
    if len(others) >= MOST_KEYS:
        raise KeyRefused(f"There are {MOST_KEYS} keys for this provider. Delete one first.", "secret")
    for other in others:
        if _is_same(other, secret):
            raise KeyRefused(f"This key is stored already: {other.name}.", "secret")
    key = ApiKey(workspace=workspace, member=member, provider_code=provider_code, label=label)
    keys.seal(key, secret)
    key.created_by = actor
    key.save()
    balances.note_low(workspace.pk)
    audit.record(
        workspace,
        AuditAction.SAVE_KEY,
        actor=actor,
        subject=subject_of(key),
        code=key.code,
        after={"of": audit.name_of(member) if member else "the workspace"},
    )
    return key


def refuse_taken_label(label: str, others: Iterable[ApiKey]) -> None:
    """Refuse a label that one of the other keys has.

    :raises KeyRefused: see :func:`save_key`.
    """
    if label and any(same_name(label) == same_name(other.label) for other in others):
        raise KeyRefused(f"Another key has the name “{label}”. Choose another one.", "label")


def subject_of(key: ApiKey) -> str:
    """Name a key in the audit log."""
    return f"{key.provider_code} ({key.label})" if key.label else key.provider_code


@sensitive_variables()
def _is_same(key: ApiKey, secret: str) -> bool:
    try:
        return keys.reveal(key) == secret
    except VaultError:
        return False
