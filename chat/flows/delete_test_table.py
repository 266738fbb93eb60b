from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction, Limit

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import TableOfCases


def delete_test_table(table: TableOfCases, *, actor: User) -> None:
    """Delete a test table with its cases and results. What its prompts cost stays in the books."""
    codes = list(table.experiments.values_list("code", flat=True))
    with transaction.atomic():
        # The lock keeps a hold taken at the same moment from referring to a deleted window.
        table.workspace.lock()
        audit.record(
            table.workspace_id,
            AuditAction.DELETE_TABLE,
            actor=actor,
            subject=table,
            code=table.code,
        )
        table.delete()
        Limit.objects.filter(workspace=table.workspace, batch__in=codes).delete()
