from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from chat import files
from chat.flows.store_upload import MEGABYTE, refuse_too_much, store_upload
from chat.media import MediaRefused, examine

if TYPE_CHECKING:
    from django.core.files import File

    from accounts.models import Membership
    from chat.models import StoredFile


def take_file(membership: Membership, upload: File[bytes], name: str) -> StoredFile:
    """Check an uploaded file and keep it until it is sent.

    :raises MediaRefused: nothing is kept; the message says why.
    """
    size = upload.size or 0
    if size > settings.MAX_UPLOAD_MB * MEGABYTE:
        raise MediaRefused(f"A file can have at most {settings.MAX_UPLOAD_MB} MB.")
    # The limits are checked before decoding too: an upload that cannot be kept should cost no work.
    refuse_too_much(membership, size)
    file = files.put(examine(upload.read(), name), membership.workspace, uploader=membership.user)
    try:
        store_upload(membership, file)
    except BaseException:
        files.remove(file)
        raise
    return file
