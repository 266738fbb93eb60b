"""A storage whose files are whole: a full disk or a crash leaves none that is empty or cut."""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING

from django.core.files.storage import FileSystemStorage

if TYPE_CHECKING:
    from django.core.files import File

# The end of the name of a file that is being written.
DRAFT = ".part"


class WholeFiles(FileSystemStorage):
    """Files get their name once all bytes are on the disk."""

    def _save(self, name: str, content: File[bytes]) -> str:
        """
        :raises OSError: the disk is full, or the folder cannot be written; nothing is left of the file.
        """
        draft = f"{name}.{secrets.token_hex(4)}{DRAFT}"
        try:
            # A method of Django's that its documentation offers for overriding.
            super()._save(draft, content)  # type: ignore[misc]
            _flush(self.path(draft))
            os.replace(self.path(draft), self.path(name))
        except BaseException:
            with contextlib.suppress(OSError):
                os.remove(self.path(draft))
            raise
        # The new name is an entry of the folder, which has to reach the disk too.
        _flush(os.path.dirname(self.path(name)))
        return name


def _flush(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
