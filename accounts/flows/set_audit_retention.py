from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction

if TYPE_CHECKING:
    from accounts.models import User, Workspace


@transaction.atomic
def set_audit_retention(workspace: Workspace, days: int | None, *, actor: User) -> None:
    """Set after how many days events of the audit log are deleted; None keeps them."""
    before, workspace.audit_days = workspace.audit_days, days
    workspace.save(update_fields=["audit_days"])
    audit.record(
        workspace,
        AuditAction.SET_RETENTION,
        actor=actor,
        before={"days": before},
        after={"days": days},
    )
