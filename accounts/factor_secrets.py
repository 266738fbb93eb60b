"""The secrets of authenticator apps and the seeds of recovery codes at rest, sealed by the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.keys import vault
from accounts.vault import Place

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator

# allauth does not say for whom it seals a secret, so the binding names the table alone. Somebody who could
# copy a secret to another row could also delete the row.
_PLACE = Place(table="mfa_authenticator", row="", owner="", field="data")


def seal_secret(secret: str) -> str:
    return vault().seal(secret, _PLACE)


def open_secret(token: str) -> str:
    """Decrypt a secret.

    :raises VaultError: its key is not in the ring, or it was altered.
    """
    return vault().open(token, _PLACE)


def place_of_secrets(authenticator: Authenticator) -> Place:
    """Return the place for which the secrets of every authenticator are sealed."""
    return _PLACE
