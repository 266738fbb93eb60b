"""Secrets at rest: encrypted with AES-256-GCM, each bound to the place where it is stored.

A token reads ``v1.<key id>.<base64url of nonce and ciphertext>``. The binding (additional
authenticated data) names table, row, owner, field and format version, so that a token copied to
another row cannot be decrypted there. There is no fallback: a token that cannot be decrypted is an error.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from accounts.exceptions import KeyRingError, VaultError

_FORMAT = "v1"
_NONCE_BYTES = 12
# 32 characters of base64 carry 192 bits. Memorable passwords are shorter, and not keys.
_SECRET_MINIMUM = 32
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,20}")
# The id of a secret that the ring lists without one.
_UNNAMED = "1"


@dataclass(frozen=True, slots=True)
class Place:
    """The place where a secret is stored."""

    table: str
    row: str
    owner: str
    field: str

    @property
    def binding(self) -> bytes:
        return f"{self.table}:{self.row}:{self.owner}:{self.field}:{_FORMAT}".encode()


@dataclass(frozen=True, slots=True)
class Vault:
    """A ring of keys. The first one encrypts, and all of them decrypt."""

    _keys: dict[str, bytes] = field(repr=False)

    @property
    def current_key_id(self) -> str:
        return next(iter(self._keys))

    @property
    def key_ids(self) -> list[str]:
        return list(self._keys)

    def seal(self, secret: str, place: Place) -> str:
        key_id = self.current_key_id
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + AESGCM(self._keys[key_id]).encrypt(nonce, secret.encode(), place.binding)
        return f"{_FORMAT}.{key_id}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, token: str, place: Place) -> str:
        """Decrypt a token.

        :raises VaultError: the token was altered, belongs to another place, or its key is not in the ring.
        """
        try:
            version, key_id, text = token.split(".")
            sealed = base64.b64decode(text, altchars=b"-_", validate=True)
        except (ValueError, binascii.Error) as error:
            raise VaultError("This is not a token of the vault.") from error
        if version != _FORMAT or key_id not in self._keys:
            raise VaultError(f"The key ring has no key {key_id!r} for format {version!r}.")
        try:
            opened = AESGCM(self._keys[key_id]).decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.binding
            )
        except (InvalidTag, ValueError) as error:
            raise VaultError("The secret was altered, or belongs to another place or key.") from error
        return opened.decode()


def key_id_of(token: str) -> str:
    """Return the id of the key that sealed a token; empty for a text that is no token.

    >>> key_id_of("v1.2026.AAAA"), key_id_of("sk-plain")
    ('2026', '')
    """
    version, _, rest = token.partition(".")
    key_id, dot, _ = rest.partition(".")
    return key_id if version == _FORMAT and dot else ""


def read_ring(text: str) -> Vault:
    """Read a vault from ``"id:secret[,id:secret…]"``, or from one secret without an id.

    :raises KeyRingError: the ring is empty, a secret is too short, or an id is malformed or repeated.
    """
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        key_id, colon, secret = part.strip().rpartition(":")
        key_id = key_id if colon else _UNNAMED
        # Messages must not quote the text: it may be the secret itself.
        if not _KEY_ID.fullmatch(key_id):
            raise KeyRingError("An id in the key ring must be 1 to 20 letters, digits, - or _.")
        if key_id in keys:
            raise KeyRingError(f"The key ring names {key_id!r} twice.")
        if len(secret) < _SECRET_MINIMUM:
            raise KeyRingError(
                f"A key in the ring must be at least {_SECRET_MINIMUM} characters of random text."
            )
        keys[key_id] = HKDF(SHA256(), 32, salt=None, info=b"vault").derive(secret.encode())
    return Vault(keys)
