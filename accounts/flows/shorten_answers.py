from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction

if TYPE_CHECKING:
    from accounts.models import User, Workspace


@transaction.atomic
def shorten_answers(workspace: Workspace, *, is_on: bool, actor: User) -> None:
    """Decide whether requests are sent the length that a limit leaves for their answers."""
    before, workspace.shortens_answers = workspace.shortens_answers, is_on
    workspace.save(update_fields=["shortens_answers"])
    audit.record(
        workspace,
        AuditAction.SHORTEN_ANSWERS,
        actor=actor,
        before={"shortened": before},
        after={"shortened": is_on},
    )
