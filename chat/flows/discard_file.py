from __future__ import annotations

from typing import TYPE_CHECKING

from chat.models import StoredFile

if TYPE_CHECKING:
    from accounts.models import User


def discard_file(file: StoredFile, user: User) -> None:
    """Delete an upload, unless it was sent or queued in the meantime."""
    unsent = StoredFile.objects.filter(pk=file.pk, message=None, queued=None)
    unsent.delete()
