from __future__ import annotations

from functools import partial

from django.db import transaction

from chat import files
from chat.media import MediaRefused
from chat.media.documents import examine_text
from chat.models import StoredFile


def choose_encoding(file: StoredFile, encoding: str) -> StoredFile:
    """Decode an unsent text file again, from its uploaded bytes, in the encoding that the user chose.

    :raises MediaRefused: it is no text in that encoding, or was sent or removed in the meantime.
    """
    if file.media_type != "text/plain":
        raise MediaRefused("Only a text file has an encoding.")
    try:
        with files.open_original(file) as content:
            media = examine_text(content.read(), file.name, encoding)
    except FileNotFoundError:
        raise MediaRefused("This file is not on this server any more. Attach it again.") from None
    # The bytes get a new name: another request may be reading those of the old one.
    fresh = files.put(media, file.workspace, uploader=file.uploader)
    if not _replace(file, fresh):
        files.remove(fresh)
        raise MediaRefused("This file was sent or removed in the meantime.")
    return StoredFile.objects.get(pk=file.pk)


@transaction.atomic
def _replace(file: StoredFile, fresh: StoredFile) -> bool:
    names = ("content", "byte_size", "encoding", "has_original")
    unsent = StoredFile.objects.filter(pk=file.pk, message=None, queued=None, content=file.content)
    if not unsent.update(**{name: getattr(fresh, name) for name in names}):
        return False
    transaction.on_commit(partial(files.remove, file), robust=True)
    return True
