from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction

if TYPE_CHECKING:
    from accounts.models import User, Workspace


@transaction.atomic
def allow_public_links(workspace: Workspace, *, is_on: bool, actor: User) -> None:
    """Decide whether public links may be made and work. Those that exist stop and work again with it."""
    # A link that is being made has to wait, or it would be made after its permission has ended.
    workspace.lock()
    before, workspace.allows_public_links = workspace.allows_public_links, is_on
    workspace.save(update_fields=["allows_public_links"])
    audit.record(
        workspace,
        AuditAction.ALLOW_PUBLIC_LINKS,
        actor=actor,
        before={"allowed": before},
        after={"allowed": is_on},
    )
