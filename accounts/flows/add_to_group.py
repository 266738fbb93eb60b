from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.access import get_group_of
from accounts.models import AuditAction, Membership

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import Group, User


@transaction.atomic
def add_to_group(group: Group, members: Collection[Membership], *, actor: User) -> list[Membership]:
    """Add members; return those who were not in the group before.

    Memberships of other workspaces, and those that ended in the meantime, are left out.

    :raises Http404: the group was deleted in the meantime.
    """
    group.workspace.lock()
    group = get_group_of(group.workspace, group.code)
    outside = Membership.objects.filter(workspace=group.workspace).exclude(groups=group)
    added = list(outside.filter(pk__in=[member.pk for member in members]).select_related("user"))
    group.members.add(*added)
    if added:
        names = [audit.name_of(member.user) for member in added]
        audit.record(
            group.workspace,
            AuditAction.ADD_TO_GROUP,
            actor=actor,
            subject=group,
            code=group.code,
            after={"members": names},
        )
    return added
