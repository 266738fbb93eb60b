from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.exceptions import MembershipRefused
from accounts.factors import has_factor
from accounts.models import AuditAction

if TYPE_CHECKING:
    from accounts.models import User, Workspace


@transaction.atomic
def set_factor_rule(workspace: Workspace, is_required: bool, *, actor: User) -> None:
    """Decide whether members need a second factor. Open pages of members without one are closed.

    :raises MembershipRefused: the actor has none, and would be kept out by the own rule.
    """
    workspace.lock()
    workspace.refresh_from_db(fields=["requires_factor"])
    if is_required and not has_factor(actor):
        raise MembershipRefused("Add a second factor for yourself first, on your page Security.")
    before, workspace.requires_factor = workspace.requires_factor, is_required
    if before == is_required:
        return
    workspace.save(update_fields=["requires_factor"])
    audit.record(
        workspace,
        AuditAction.SET_FACTOR_RULE,
        actor=actor,
        before={"required": before},
        after={"required": is_required},
    )
