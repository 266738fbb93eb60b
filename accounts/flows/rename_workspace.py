from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User, Workspace


def rename_workspace(workspace: Workspace, name: str, *, actor: User) -> None:
    """Change the name of a workspace. Its address stays, so that links work."""
    workspace.name = name
    workspace.save(update_fields=["name"])
