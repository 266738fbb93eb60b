from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import User

if TYPE_CHECKING:
    from accounts.models import Membership


def remember_workspace(membership: Membership) -> None:
    """Store that a user was last in this workspace, if it is another one than before."""
    user = membership.user
    if user.last_workspace_id == membership.workspace_id:
        return
    user.last_workspace_id = membership.workspace_id
    # Saving the user would announce that their rights may have changed.
    User.objects.filter(pk=user.pk).update(last_workspace=membership.workspace_id)
