"""Files of requests that come from elsewhere: pasted ones, and those of imported files."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from chat import files
from chat.flows.take_address import file_at_address
from chat.media import Media, MediaRefused, examine
from chat.models import StoredFile
from playground.code.reading.file_marks import PLACEHOLDER
from playground.code.request import file_name
from playground.upstream.dialects.shared.transcript import FETCHED, MediaKind

if TYPE_CHECKING:
    from accounts.models import Membership
    from playground.upstream.dialects.shared.transcript import Attachment

_UNNAMED = {MediaKind.IMAGE: "picture", MediaKind.AUDIO: "recording", MediaKind.FILE: "file"}
_NOT_FETCHED = {
    MediaKind.FILE: "Files cannot be attached by their address. Attach the file itself.",
    MediaKind.VIDEO: "Videos cannot be attached here.",
}

# Files of the member that are searched for a name, the newest first.
_MOST_OWN = 500

# The bytes of a new file, an unsaved one at an address, or one of the member's own that is used again.
FoundFile = Media | StoredFile


def find_attachment(membership: Membership, attachment: Attachment) -> FoundFile:
    """Return what an attachment of a request stands for. Nothing is stored.

    Code that the playground has written reads files by their names: such a name stands for the newest file
    of that name that the member has attached in this workspace.

    :raises MediaRefused: it is damaged, of a kind that is not taken, or not there.
    """
    url = attachment.url
    if url.startswith(PLACEHOLDER):
        return _own_file(membership, url.removeprefix(PLACEHOLDER))
    if attachment.kind is MediaKind.VIDEO:
        raise MediaRefused(_NOT_FETCHED[MediaKind.VIDEO])
    if url[:5].lower() == "data:":
        return examine(_content(url), attachment.name or _UNNAMED[attachment.kind])
    if attachment.kind not in FETCHED:
        raise MediaRefused(_NOT_FETCHED[attachment.kind])
    return file_at_address(membership, url, StoredFile.Kind(attachment.kind))


def written(membership: Membership, found: FoundFile) -> StoredFile:
    """Return an unsaved row for what was found. New bytes are written: see ``chat.files.put``."""
    if isinstance(found, Media):
        return files.put(found, membership.workspace, uploader=membership.user)
    return files.copy_of(found)


def _own_file(membership: Membership, name: str) -> StoredFile:
    own = StoredFile.objects.filter(
        workspace=membership.workspace, uploader=membership.user, address=""
    ).order_by("-pk")
    # Code names a file in plain letters, so the names are compared as code has them.
    for pk, known in own.values_list("pk", "name")[:_MOST_OWN]:
        if file_name(known, set()) == name:
            return own.get(pk=pk)
    raise MediaRefused("The code reads this file. Attach it again.")


def _content(url: str) -> bytes:
    """
    :raises MediaRefused: it is no data URL.
    """
    head, comma, data = url.partition(",")
    if not comma:
        raise MediaRefused("Its data URL is damaged.")
    if not head.lower().endswith(";base64"):
        return unquote_to_bytes(data)
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MediaRefused("Its base64 is damaged.") from error
