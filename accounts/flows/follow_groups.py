from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import audit
from accounts.folding import same_name
from accounts.models import AuditAction, Group

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import Membership


def follow_groups(member: Membership, wanted: Mapping[str, bool], *, by: str) -> None:
    """Put a member into the named groups, and take them out of those with False. The workspace is locked.

    A group that somebody is to be in and that does not exist is created. Other groups stay as they are.

    :param by: the name of what decides it, for the audit log.
    """
    if not wanted:
        return
    keys = {same_name(name): name for name in wanted}
    known = {
        group.name_key: group for group in Group.objects.filter(workspace=member.workspace, name_key__in=keys)
    }
    inside = set(
        member.groups.filter(pk__in=[group.pk for group in known.values()]).values_list("pk", flat=True)
    )
    # Two values may lead to one group; one that holds is enough.
    for key, name in keys.items():
        belongs = any(is_in for other, is_in in wanted.items() if same_name(other) == key)
        group = known.get(key)
        if belongs and group is None:
            group = Group.objects.create(workspace=member.workspace, name=name)
            audit.record(
                member.workspace,
                AuditAction.CREATE_GROUP,
                actor=None,
                subject=name,
                code=group.code,
                after={"by": by},
            )
        if group is not None and belongs != (group.pk in inside):
            _put(member, group, belongs, by)


def _put(member: Membership, group: Group, belongs: bool, by: str) -> None:
    name = member.user.display_name
    if belongs:
        group.members.add(member)
        action, before, after = AuditAction.ADD_TO_GROUP, {}, {"members": [name], "by": by}
    else:
        group.members.remove(member)
        action, before, after = AuditAction.REMOVE_FROM_GROUP, {"member": name}, {"by": by}
    audit.record(
        member.workspace, action, actor=None, subject=group, code=group.code, before=before, after=after
    )
