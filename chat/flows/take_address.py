from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from chat.flows.store_upload import store_upload
from chat.media import MediaRefused
from chat.media.names import clean_name
from chat.models import StoredFile
from playground.upstream.transport.addresses import is_public

if TYPE_CHECKING:
    from accounts.models import Membership

LONGEST_ADDRESS = 2000


def take_address(
    membership: Membership, address: str, kind: StoredFile.Kind = StoredFile.Kind.IMAGE
) -> StoredFile:
    """Keep the address of a picture or a recording. Only the provider fetches it, when it is sent.

    :raises MediaRefused: a provider could not fetch it.
    """
    file = file_at_address(membership, address, kind)
    store_upload(membership, file)
    return file


def file_at_address(membership: Membership, address: str, kind: StoredFile.Kind) -> StoredFile:
    """Return an unsaved file of that kind with an address. Errors as in :func:`take_address`."""
    address = address.strip()
    return StoredFile(
        workspace=membership.workspace,
        uploader=membership.user,
        kind=kind,
        name=_name_in(address),
        address=address,
    )


def _name_in(address: str) -> str:
    """Return the last part of the address, as a name for the file.

    :raises MediaRefused: it is not a public address.
    """
    if not address.startswith("https://"):
        raise MediaRefused("The address must start with https://.")
    # Browsers and servers interpret such addresses differently.
    if len(address) > LONGEST_ADDRESS or not address.isascii() or not address.isprintable():
        raise MediaRefused("This address is too long or has invalid characters.")
    if any(character in address for character in ' "<>\\^`{|}'):
        raise MediaRefused("This address has invalid characters.")
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise MediaRefused("This is not a valid address.") from error
    if parts.username is not None or parts.password is not None:
        raise MediaRefused("Remove the user name and password from the address.")
    if not _is_reachable(parts.hostname or ""):
        raise MediaRefused("This address is not public. Attach the file itself.")
    return clean_name(unquote(parts.path)) if parts.path.strip("/") else str(parts.hostname)[:100]


def _is_reachable(host: str) -> bool:
    """Say whether the host looks like a public one. Only the provider resolves it."""
    try:
        return is_public(ip_address(host))
    except ValueError:
        pass
    labels = host.rstrip(".").lower().split(".")
    # A last label that starts with a digit may be an address: many resolve 127.1 or 0x7f.1 to themselves.
    is_name = len(labels) > 1 and all(labels) and not labels[-1][:1].isdigit()
    return is_name and labels[-1] not in {"localhost", "local", "internal", "localdomain", "home", "lan"}
