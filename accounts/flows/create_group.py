from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.exceptions import GroupExists
from accounts.folding import same_name
from accounts.models import AuditAction, Group

if TYPE_CHECKING:
    from accounts.models import User, Workspace


@transaction.atomic
def create_group(workspace: Workspace, name: str, *, actor: User) -> Group:
    """Create a group without members.

    :raises GroupExists: a group of the workspace has this name.
    """
    workspace.lock()
    refuse_taken_name(workspace, name)
    group = Group.objects.create(workspace=workspace, name=name, created_by=actor)
    audit.record(workspace, AuditAction.CREATE_GROUP, actor=actor, subject=name, code=group.code)
    return group


def refuse_taken_name(workspace: Workspace, name: str, *, own: Group | None = None) -> None:
    """Refuse a name that a group other than ``own`` has. The caller has locked the workspace.

    :raises GroupExists: see :func:`create_group`.
    """
    taken = Group.objects.filter(workspace=workspace, name_key=same_name(name)).first()
    if taken is not None and taken != own:
        raise GroupExists(taken.name)
