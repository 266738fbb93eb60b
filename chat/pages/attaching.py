"""The files that the composer offers to attach, and those already attached, as the page shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cachetools import LRUCache, cached
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from accounts.names import one_line
from chat import files
from chat.media.encodings import ENCODINGS
from playground.estimating.attachments import BYTES_PER_TOKEN, attachment_tokens
from playground.parameters.schema.request_schema import request_schema_of
from playground.upstream import dialects

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from chat.models import StoredFile
    from playground.models import Endpoint
    from playground.upstream.dialects import Takes

_WORDS = {
    "image": "images",
    "application/pdf": "PDF files",
    "text/plain": "text files",
    "audio": "audio",
}
_LABELS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WebP",
    "image/gif": "GIF",
    "application/pdf": "PDF",
    "text/plain": "Text",
    "audio/wav": "WAV",
    "audio/mpeg": "MP3",
}
# Types that the file dialog shows first. Only the server decides which type a file has.
_EXTENSIONS = {
    "application/pdf": ".pdf",
    "text/plain": "text/*,.md,.csv,.tsv,.json,.jsonl,.yaml,.yml,.toml,.xml,.log,.sql,.py,.js,.ts,.sh",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
}


# Bytes of a text that are read to show its beginning, and most characters of that, some before the first
# that is beyond ASCII.
_READ = 64 * 1024
_BEFORE, _LONGEST_BEGINNING = 20, 60
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Attaching:
    """The attachments that an endpoint accepts.

    ``words`` reads like "images and PDF files"; ``accept`` is for the file dialog. ``fetched`` are the kinds
    that the provider fetches from an address.
    """

    media_types: tuple[str, ...] = ()
    fetched: tuple[str, ...] = ()
    words: str = ""
    accept: str = ""
    most_files: int = 0
    most_bytes: int = 0

    @property
    def takes_audio(self) -> bool:
        return "audio/wav" in self.media_types

    @property
    def fetched_words(self) -> str:
        """
        >>> Attaching(fetched=("image", "audio")).fetched_words
        'an image or audio'
        """
        return " or ".join({"image": "an image"}.get(kind, kind) for kind in self.fetched)


def attaching_at(endpoint: Endpoint | None) -> Attaching:
    """Return the attachments that a prompt to ``endpoint`` may have."""
    if endpoint is None:
        return Attaching()
    taken = _takes(endpoint)
    return _attaching(taken.media_types, tuple(map(str, taken.fetched)))


def attaching_at_all(endpoints: Sequence[Endpoint]) -> Attaching:
    """Return the attachments that a prompt may have which goes to all of these endpoints."""
    if not endpoints:
        return Attaching()
    first, *others = [_takes(endpoint) for endpoint in endpoints]
    media_types = (each for each in first.media_types if all(each in other.media_types for other in others))
    fetched = (each for each in first.fetched if all(each in other.fetched for other in others))
    return _attaching(tuple(media_types), tuple(map(str, fetched)))


def _attaching(media_types: tuple[str, ...], fetched: tuple[str, ...]) -> Attaching:
    return Attaching(
        media_types,
        fetched,
        _listed(media_types),
        ",".join(_EXTENSIONS.get(name, name) for name in media_types),
        settings.MAX_FILES_PER_MESSAGE,
        settings.MAX_UPLOAD_MB * 1024 * 1024,
    )


# Samples of all types are written to find out, on every page with a composer.
@cached(LRUCache(128), key=lambda endpoint: (endpoint.kind, endpoint.schema_digest), lock=Lock())
def _takes(endpoint: Endpoint) -> Takes:
    request_schema = request_schema_of(endpoint)
    return dialects.takes(endpoint.kind, dialects.accepts(request_schema.digest, request_schema.translated))


def _listed(media_types: tuple[str, ...]) -> str:
    """
    >>> _listed(("image/png", "image/jpeg", "application/pdf", "audio/wav"))
    'images, PDF files and audio'
    """
    words = dict.fromkeys(_WORDS.get(name) or _WORDS[name.partition("/")[0]] for name in media_types)
    *others, last = words or [""]
    return f"{', '.join(others)} and {last}" if others else last


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a prompt: in the composer until it is sent, at its message afterwards.

    ``about`` describes it in a few words, ``tokens`` is its estimate. An image or a recording that the
    provider fetches itself has an ``address`` and no ``url``.
    """

    code: UUID
    kind: str
    media_type: str
    name: str
    about: str
    url: str
    address: str
    width: int | None
    height: int | None
    tokens: int
    # The encoding of a text that is not plain ASCII. Before it is sent, another one can be chosen, and
    # ``beginning`` shows some of the text as it is decoded.
    encoding: str = ""
    beginning: str = ""

    @property
    def encodings(self) -> list[tuple[str, str]]:
        return list(ENCODINGS.items())


def attached(file: StoredFile, *, is_unsent: bool = False) -> Attached:
    return Attached(
        code=file.code,
        kind=file.kind,
        media_type=file.media_type,
        name=file.name,
        about=_about(file, names_encoding=not is_unsent),
        url="" if file.address else reverse("chat:file", args=[file.code]),
        address=file.address,
        width=file.width,
        height=file.height,
        tokens=_tokens(file),
        encoding=file.encoding,
        beginning=_beginning(file) if is_unsent and file.encoding else "",
    )


def _beginning(file: StoredFile) -> str:
    """Return the line with the first characters beyond ASCII, which show whether the encoding is right."""
    try:
        with files.open_file(file) as content:
            text = content.read(_READ).decode("utf-8", "ignore")
    except FileNotFoundError:
        return ""
    found = _BEYOND_ASCII.search(text)
    place = found.start() if found else 0
    before = text[max(0, place - _BEFORE) : place].rpartition("\n")[2]
    after = text[place : place + _LONGEST_BEGINNING].partition("\n")[0]
    line = one_line(before + after)
    return line if len(line) < _LONGEST_BEGINNING else f"{line[:_LONGEST_BEGINNING]}…"


def _tokens(file: StoredFile) -> int:
    if file.media_type == "text/plain":
        # A text file is sent as text.
        return file.byte_size // BYTES_PER_TOKEN
    pixels = file.width * file.height if file.width and file.height else None
    return attachment_tokens(file.kind, pixels, file.byte_size, file.seconds)


def _about(file: StoredFile, *, names_encoding: bool) -> str:
    if file.address:
        return f"at {urlsplit(file.address).hostname}"
    label = _LABELS.get(file.media_type, "")
    # Before a file is sent, a control of its own names the encoding.
    encoding = ENCODINGS.get(file.encoding, "") if names_encoding else ""
    words = [label, encoding, _length(file.seconds), filesizeformat(file.byte_size)]
    return " · ".join(word for word in words if word)


def _length(seconds: float | None) -> str:
    """
    >>> _length(75.4), _length(None)
    ('1:15', '')
    """
    return f"{round(seconds) // 60}:{round(seconds) % 60:02}" if seconds else ""
