"""The store of pictures, documents and recordings: rows in the database, bytes in a storage.

The bytes are written before the row, and deleted after the deletion of the row is committed: a row without
bytes is a fault, bytes without a row are swept up (``chat.flows.sweep_files``).
"""

from __future__ import annotations

import base64
import re
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.db.models.signals import post_delete

from chat.models import StoredFile
from chat.models.stored_file import ORIGINAL

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from chat.media import Media
    from chat.models import Message

_PATH = re.compile(rf"([0-9a-f]{{2}})/([0-9a-f]{{2}})/\1\2[0-9a-f]{{28}}(?:{re.escape(ORIGINAL)})?")


def connect() -> None:
    post_delete.connect(_deleted, sender=StoredFile, dispatch_uid="chat.files")


def storage() -> Storage:
    return storages["files"]


def is_path(text: object) -> bool:
    """Tell whether this is a path as files have it, which cannot lead out of their folder."""
    return isinstance(text, str) and _PATH.fullmatch(text) is not None


def put(media: Media, workspace: Workspace, *, uploader: User | None = None) -> StoredFile:
    """Write the bytes; the caller saves the row, or calls ``remove`` to delete the bytes."""
    file = StoredFile(
        workspace=workspace,
        uploader=uploader,
        kind=StoredFile.Kind(media.kind),
        media_type=media.media_type,
        name=media.name,
        byte_size=len(media.content),
        width=media.width,
        height=media.height,
        seconds=media.seconds,
        encoding=media.encoding,
        has_original=media.original is not None,
    )
    try:
        storage().save(file.path, ContentFile(media.content))
        if media.original is not None:
            storage().save(file.original_path, ContentFile(media.original))
    except BaseException:
        remove(file)
        raise
    return file


def keep(
    media: Media,
    workspace: Workspace,
    *,
    uploader: User | None = None,
    message: Message | None = None,
    place: int = 0,
) -> StoredFile:
    """Store the bytes and the row. If a transaction around it fails, the bytes are swept up later."""
    file = put(media, workspace, uploader=uploader)
    file.message, file.place = message, place
    try:
        file.save()
    except BaseException:
        remove(file)
        raise
    return file


def again(file: StoredFile, message: Message, place: int = 0) -> StoredFile:
    """Add the same file to another message. Call it in a transaction that locks ``file``."""
    copy = copy_of(file)
    copy.message, copy.place = message, place
    copy.save(force_insert=True)
    return copy


def copy_of(file: StoredFile) -> StoredFile:
    """Return an unsaved row for the same bytes, for another message."""
    return StoredFile(
        content=file.content,
        workspace=file.workspace,
        uploader_id=file.uploader_id,
        place=file.place,
        kind=file.kind,
        media_type=file.media_type,
        name=file.name,
        byte_size=file.byte_size,
        address=file.address,
        width=file.width,
        height=file.height,
        seconds=file.seconds,
        encoding=file.encoding,
        has_original=file.has_original,
    )


def open_file(file: StoredFile) -> IO[bytes]:
    """
    :raises FileNotFoundError: the row has an address instead, or the bytes are lost.
    """
    return storage().open(file.path, "rb")


def open_original(file: StoredFile) -> IO[bytes]:
    """Open the bytes as they were uploaded. Errors as in :func:`open_file`."""
    return storage().open(file.original_path, "rb")


def read(file: StoredFile) -> bytes:
    with open_file(file) as content:
        return content.read()


def data_url(file: StoredFile) -> str:
    return f"data:{file.media_type};base64,{base64.b64encode(read(file)).decode()}"


def remove(file: StoredFile) -> None:
    """Delete the bytes of a file whose row was never saved, or is gone."""
    storage().delete(file.path)
    if file.has_original:
        storage().delete(file.original_path)


def _deleted(instance: StoredFile, **_: Any) -> None:
    if instance.byte_size:
        transaction.on_commit(partial(remove_unused, instance), robust=True)


def remove_unused(file: StoredFile) -> None:
    """Delete the bytes of a file unless a row has them."""
    if not StoredFile.objects.filter(content=file.content).exists():
        remove(file)
