from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.models import AuditAction

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import LibraryEntry


@transaction.atomic
def delete_library_entry(entry: LibraryEntry, *, actor: User) -> None:
    """Delete a tool or an output schema. Requests that it was copied into keep their copies."""
    audit.record(
        entry.workspace_id, AuditAction.DELETE_LIBRARY_ENTRY, actor=actor, subject=entry, code=entry.code
    )
    entry.delete()
