from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction, Membership, Workspace
from chat.exceptions import WorkspaceGone

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def restore_workspace(workspace: Workspace, *, actor: User) -> None:
    """Open a deleted workspace again, with everything that it had. Answers that were live stay stopped.

    :raises WorkspaceGone: its time is over, or another owner has restored it already.
    """
    workspace.lock()
    workspace.refresh_from_db()
    until = workspace.restorable_until
    if until is None or until <= now():
        raise WorkspaceGone
    workspace.deleted_at = None
    workspace.save(update_fields=["deleted_at"])
    Membership.with_suspended.filter(workspace=workspace).update(is_suspended=False)
    audit.record(workspace, AuditAction.RESTORE_WORKSPACE, actor=actor, subject=workspace.name)
