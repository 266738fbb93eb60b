from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.access import get_group_of
from accounts.flows.create_group import refuse_taken_name
from accounts.models import AuditAction

if TYPE_CHECKING:
    from accounts.models import Group, User


@transaction.atomic
def rename_group(group: Group, name: str, *, actor: User) -> Group:
    """Change the name of a group. Its members stay.

    :raises GroupExists: another group of the workspace has this name.
    :raises Http404: the group was deleted in the meantime.
    """
    group.workspace.lock()
    group = get_group_of(group.workspace, group.code)
    refuse_taken_name(group.workspace, name, own=group)
    before, group.name = group.name, name
    group.save(update_fields=["name"])
    audit.record(
        group.workspace,
        AuditAction.RENAME_GROUP,
        actor=actor,
        subject=name,
        code=group.code,
        before={"name": before},
        after={"name": name},
    )
    return group
