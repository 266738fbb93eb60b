from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction

if TYPE_CHECKING:
    from accounts.models import Group, User


@transaction.atomic
def delete_group(group: Group, *, actor: User) -> None:
    """Delete a group. Its members stay members of the workspace."""
    # The lock keeps a member added at the same moment from referring to a deleted group.
    group.workspace.lock()
    audit.record(group.workspace, AuditAction.DELETE_GROUP, actor=actor, subject=group, code=group.code)
    group.delete()
