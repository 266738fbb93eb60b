from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum

from accounts.models import Membership
from chat import files
from chat.media import MediaRefused, examine
from chat.media.names import clean_name
from chat.models import StoredFile
from playground.upstream.transport.addresses import is_public

if TYPE_CHECKING:
    from django.core.files import File

MEGABYTE = 1024 * 1024
# Many more than anybody looks through before they send; a script that forgets to send stops here.
MAX_UNSENT = 100
LONGEST_ADDRESS = 2000


def take_file(membership: Membership, upload: File[bytes], name: str) -> StoredFile:
    """Check an uploaded file and keep it until it is sent.

    :raises MediaRefused: nothing is kept; the message says why.
    """
    size = upload.size or 0
    if size > settings.MAX_UPLOAD_MB * MEGABYTE:
        raise MediaRefused(f"A file may have {settings.MAX_UPLOAD_MB} MB at most.")
    # Also before the work of decoding: somebody who has no room left shall not cost any.
    _refuse_too_much(membership, size)
    file = files.put(examine(upload.read(), name), membership.workspace, uploader=membership.user)
    try:
        _save(membership, file)
    except BaseException:
        files.remove(file)
        raise
    return file


def take_address(membership: Membership, address: str) -> StoredFile:
    """Keep the address of a picture. Only the provider will fetch it, and only when it is sent.

    :raises MediaRefused: it is no address that a provider could fetch.
    """
    address = address.strip()
    name = _name_in(address)
    file = StoredFile(
        workspace=membership.workspace,
        uploader=membership.user,
        kind=StoredFile.Kind.IMAGE,
        name=name,
        address=address,
    )
    _save(membership, file)
    return file


def discard_file(file: StoredFile) -> None:
    """Delete an upload that was not sent; one that was sent in the meantime stays."""
    unsent = StoredFile.objects.filter(pk=file.pk, message=None)
    unsent.delete()


@transaction.atomic
def _save(membership: Membership, file: StoredFile) -> None:
    # One upload of a member after the other from here on: none counts without the one before it.
    if not Membership.objects.select_for_update().filter(pk=membership.pk).exists():
        raise MediaRefused("You are not in this workspace any more.")
    _refuse_too_much(membership, file.byte_size)
    file.save()


def _refuse_too_much(membership: Membership, size: int) -> None:
    unsent = StoredFile.objects.filter(
        workspace=membership.workspace, uploader=membership.user, message=None
    ).aggregate(files=Count("pk"), size=Sum("byte_size", default=0))
    if unsent["files"] >= MAX_UNSENT or unsent["size"] + size > settings.MAX_UNSENT_MB * MEGABYTE:
        raise MediaRefused("You have attached a lot that is not sent yet: send or remove some of it first.")


def _name_in(address: str) -> str:
    """The last part of the address, as a name for what lies there.

    :raises MediaRefused: it is not one that everybody can reach.
    """
    if not address.startswith("https://"):
        raise MediaRefused("The address of a picture has to begin with https://.")
    # Browsers and servers differ in what they make of these, so nobody shall have to.
    if len(address) > LONGEST_ADDRESS or not address.isascii() or not address.isprintable():
        raise MediaRefused("This address is too long, or has characters that no address has.")
    if any(character in address for character in ' "<>\\^`{|}'):
        raise MediaRefused("This address has characters that no address has.")
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise MediaRefused("This is not an address.") from error
    if parts.username is not None or parts.password is not None:
        raise MediaRefused("An address with a password in it is not sent on.")
    if not _is_reachable(parts.hostname or ""):
        raise MediaRefused("This address is not one on the internet: attach the picture itself.")
    return clean_name(unquote(parts.path)) if parts.path.strip("/") else str(parts.hostname)[:100]


def _is_reachable(host: str) -> bool:
    """Whether the host looks like one that anybody can reach. The provider resolves it, not we."""
    try:
        return is_public(ip_address(host))
    except ValueError:
        pass
    labels = host.rstrip(".").lower().split(".")
    # A last label of digits is a number in disguise: 127.1 or 0x7f.1 is this machine to many.
    is_name = len(labels) > 1 and all(labels) and not labels[-1][:1].isdigit()
    return is_name and labels[-1] not in {"localhost", "local", "internal", "localdomain", "home", "lan"}
