from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.exceptions import ChangedMeanwhile
from accounts.models import AuditAction, Colour, Workspace

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class WorkspaceFields:
    """The name of a workspace and its icon."""

    name: str
    icon: str = ""
    colour: str = Colour.GREEN

    @classmethod
    def of(cls, workspace: Workspace) -> WorkspaceFields:
        return cls(workspace.name, workspace.icon, workspace.colour)


@transaction.atomic
def edit_workspace(
    workspace: Workspace, fields: WorkspaceFields, *, actor: User, seen: WorkspaceFields | None = None
) -> None:
    """Change the name and the icon of a workspace. Its address stays, so that links work.

    :param seen: the values that the form showed.
    :raises ChangedMeanwhile: somebody else has changed them since the form was shown.
    """
    workspace.lock()
    workspace.refresh_from_db(fields=["name", "icon", "colour"])
    before = WorkspaceFields.of(workspace)
    if fields == before:
        return
    if seen not in (None, before):
        raise ChangedMeanwhile(audit.last_actor_of(workspace, _ACTIONS, but=actor))
    workspace.name, workspace.icon, workspace.colour = fields.name, fields.icon, fields.colour
    workspace.save(update_fields=["name", "icon", "colour"])
    audit.record(
        workspace,
        AuditAction.RENAME_WORKSPACE if fields.name != before.name else AuditAction.SET_ICON,
        actor=actor,
        subject=fields.name,
        before=asdict(before),
        after=asdict(fields),
    )


_ACTIONS = (AuditAction.RENAME_WORKSPACE, AuditAction.SET_ICON)
