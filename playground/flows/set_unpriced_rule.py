from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction, Workspace

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def set_unpriced_rule(workspace: Workspace, rule: dict[str, Any] | None, *, actor: User) -> None:
    """Store what holds for models without a price: see ``playground.prices``. Running answers keep theirs."""
    Workspace.objects.filter(pk=workspace.pk).update(unpriced=rule)
    before, workspace.unpriced = workspace.unpriced, rule
    audit.record(
        workspace,
        AuditAction.SET_UNPRICED_RULE,
        actor=actor,
        before={"rule": before},
        after={"rule": rule},
    )
