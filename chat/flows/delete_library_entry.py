from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import LibraryEntry


def delete_library_entry(entry: LibraryEntry, *, actor: User) -> None:
    """Delete a tool or an output schema. Requests that it was copied into keep their copies."""
    entry.delete()
