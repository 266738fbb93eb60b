from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction
from chat.models import Snapshot

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def revoke_snapshot(snapshot: Snapshot, user: User | None, *, why: str = "") -> bool:
    """End a public link at once and delete its copy; return False if it was revoked before.

    :param user: the person who revokes it; None if a rule does, for the reason ``why``.
    """
    unrevoked = Snapshot.objects.filter(pk=snapshot.pk, revoked_at=None)
    if not unrevoked.update(revoked_at=now(), content={}):
        return False
    # The signal of each deleted row deletes its bytes.
    snapshot.files.all().delete()
    audit.record(
        snapshot.workspace_id,
        AuditAction.REVOKE_PUBLIC_LINK,
        actor=user,
        subject=snapshot.title,
        code=snapshot.conversation.code,
        after={"why": why} if why else None,
    )
    return True
