"""The file of an archive: a ZIP of numbered parts, each encrypted with age.

``key.json`` has the key of all parts, sealed with the passphrase through scrypt. Its cost is the same
everywhere: age's own passphrases cost as much as the machine that writes allows, and a slower one refuses to
open them.

A part begins with a line of JSON that names its number and its archive, so that none can be put into another
place. The last part has the digests of all others: an archive that is cut or altered is refused as a whole,
before anything is read from it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = "chat-playground-archive/1"
SHORTEST_PASSPHRASE = 12

_KEY = "key.json"
# Half a second and 128 MB for each try of a passphrase, as OWASP recommends for passwords.
_COST = {"n": 2**17, "r": 8, "p": 1}
_MOST_MEMORY = 2**30
_MARK = "format.txt"
# More than any part has that the product writes: the largest is one uploaded file of at most 500 MB.
_MOST_BYTES = 2**30


class ArchiveError(Exception):
    """An archive cannot be read or written; the message is for the person who asked."""


class ArchivePart(NamedTuple):
    """A part: what it says of itself, and its content."""

    head: dict[str, Any]
    content: bytes


class ArchiveWriter:
    """Write parts to a file that is open for writing; the file is whole once :meth:`end` has returned."""

    def __init__(self, file: IO[bytes], passphrase: str, archive: str) -> None:
        check_passphrase(passphrase)
        identity = pyrage.x25519.Identity.generate()
        self._recipient = identity.to_public()
        self._archive = archive
        self._digests: list[str] = []
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self._zip.writestr(_MARK, FORMAT)
        self._zip.writestr(_KEY, _sealed_key(str(identity), passphrase))

    @property
    def parts(self) -> int:
        return len(self._digests)

    def add(self, kind: str, content: bytes, **head: Any) -> None:
        number = self.parts + 1
        first = json.dumps({"archive": self._archive, "part": number, "kind": kind, **head}).encode()
        sealed = pyrage.encrypt(gzip.compress(first + b"\n" + content, 6, mtime=0), [self._recipient])
        self._zip.writestr(_name(number), sealed)
        self._digests.append(hashlib.sha256(sealed).hexdigest())

    def end(self, **facts: Any) -> None:
        self.add("end", json.dumps({**facts, "digests": self._digests}).encode())
        self._zip.close()


class ArchiveReader:
    """Read an archive.

    :raises ArchiveError: it is not one, the passphrase is wrong, or the file is cut or altered.
    """

    def __init__(self, path: Path, passphrase: str) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
            mark = self._stored(_MARK).decode(errors="replace")
            sealed = self._stored(_KEY)
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise ArchiveError(f"{path} is no archive of a workspace, or is not whole.") from error
        if mark != FORMAT:
            raise ArchiveError(f"{path} is of another version of the product ({mark[:60]}).")
        try:
            self._identity = pyrage.x25519.Identity.from_str(_opened_key(sealed, passphrase))
        except (InvalidTag, pyrage.IdentityError, UnicodeDecodeError) as error:
            raise ArchiveError("The passphrase is not that of this archive.") from error
        # The mark and the key are no parts.
        self.parts = len(self._zip.namelist()) - 2
        self._archive = ""
        self.facts = self._read_end()
        self._archive = str(self.facts["archive"])

    def _read_end(self) -> dict[str, Any]:
        end = self.part(self.parts)
        if end.head["kind"] != "end":
            raise ArchiveError("The archive is not whole: its end is missing.")
        facts: dict[str, Any] = json.loads(end.content)
        digests = facts.pop("digests")
        if len(digests) != self.parts - 1:
            raise ArchiveError("The archive is not whole: parts are missing.")
        for number, digest in enumerate(digests, 1):
            if hashlib.sha256(self._sealed(number)).hexdigest() != digest:
                raise ArchiveError(f"The archive was altered: part {number} is another one.")
        return {**facts, "archive": end.head["archive"]}

    def part(self, number: int) -> ArchivePart:
        try:
            opened = pyrage.decrypt(self._sealed(number), [self._identity])
            first, _, content = _unpacked(opened).partition(b"\n")
        except (pyrage.DecryptError, EOFError, zlib.error) as error:
            raise ArchiveError(f"Part {number} of the archive cannot be read.") from error
        head = json.loads(first)
        if head["part"] != number or self._archive not in {"", head["archive"]}:
            raise ArchiveError(f"Part {number} of the archive belongs elsewhere.")
        return ArchivePart(head, content)

    def parts_from(self, number: int) -> Iterator[ArchivePart]:
        """Yield the parts from this one on, without the end."""
        for each in range(number, self.parts):
            yield self.part(each)

    def _sealed(self, number: int) -> bytes:
        try:
            return self._stored(_name(number))
        except (KeyError, zipfile.BadZipFile) as error:
            raise ArchiveError(f"Part {number} of the archive is missing or damaged.") from error

    def _stored(self, name: str) -> bytes:
        """Return an entry of the ZIP. Its size is that in the file, since the product compresses none."""
        if self._zip.getinfo(name).compress_type != zipfile.ZIP_STORED:
            raise zipfile.BadZipFile(name)
        return self._zip.read(name)


def _unpacked(packed: bytes) -> bytes:
    """Decompress a part, whose maker may know the passphrase and mean harm.

    :raises ArchiveError: it becomes too large for the memory.
    :raises EOFError: it is cut.
    """
    unpacking = zlib.decompressobj(wbits=31)
    content = unpacking.decompress(packed, _MOST_BYTES)
    if len(content) == _MOST_BYTES:
        raise ArchiveError("A part of the archive is too large.")
    if not unpacking.eof:
        raise EOFError
    return content


def _sealed_key(key: str, passphrase: str) -> str:
    salt, nonce = os.urandom(16), os.urandom(12)
    sealed = AESGCM(_stretched(passphrase, salt, **_COST)).encrypt(nonce, key.encode(), FORMAT.encode())
    return json.dumps({**_COST, "salt": salt.hex(), "nonce": nonce.hex(), "key": sealed.hex()})


def _opened_key(text: bytes, passphrase: str) -> str:
    """
    :raises InvalidTag: the passphrase is another one, or the key was altered.
    :raises ArchiveError: it was altered so that it makes no sense, or costs too much to try.
    """
    try:
        found = json.loads(text)
        salt, nonce, sealed = (bytes.fromhex(found[name]) for name in ("salt", "nonce", "key"))
        cost = {name: int(found[name]) for name in _COST}
        if 128 * cost["n"] * cost["r"] * cost["p"] > _MOST_MEMORY:
            raise ValueError("cost")
        stretched = _stretched(passphrase, salt, **cost)
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError("The key of the archive was altered.") from error
    return AESGCM(stretched).decrypt(nonce, sealed, FORMAT.encode()).decode()


def _stretched(passphrase: str, salt: bytes, *, n: int, r: int, p: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(passphrase.encode())


def check_passphrase(passphrase: str) -> None:
    """
    :raises ArchiveError: it is too short to protect a file that may be copied.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise ArchiveError(f"The passphrase needs at least {SHORTEST_PASSPHRASE} characters.")


def _name(number: int) -> str:
    return f"{number:06}.age"
