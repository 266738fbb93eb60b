from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction

if TYPE_CHECKING:
    from accounts.models import Group, Membership, User


@transaction.atomic
def remove_from_group(group: Group, member: Membership, *, actor: User) -> bool:
    """Take a member out of a group; return False if they were not in it. They stay in the workspace."""
    group.workspace.lock()
    was_in = group.members.filter(pk=member.pk).exists()
    group.members.remove(member)
    if was_in:
        audit.record(
            group.workspace,
            AuditAction.REMOVE_FROM_GROUP,
            actor=actor,
            subject=group,
            code=group.code,
            before={"member": audit.name_of(member.user)},
        )
    return was_in
