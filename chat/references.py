"""References from a stored body to files: the body names a file wherever the request contains it.

While a body is written, a short data URL that cannot be guessed takes the place of each file. Then
``playground-file:<code>`` replaces it, and a reference records its path. Only the references decide where
bytes are filled in, so a prompt may contain such names itself::

    {"path": ["messages", 0, "content", 0, "image_url", "url"],
     "file": "<code>", "form": "url", "tokens": 210, "byte_size": 91344}

``form`` is ``url`` for a data URL, ``base64`` for the part after its comma, and ``address`` if the provider
fetches the file itself, or has it since it made it, and nothing is replaced. ``tokens`` estimates what the
model counts for the file.
"""

from __future__ import annotations

import base64
import copy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from chat import files
from chat.models import StoredFile
from playground.estimating.attachments import attachment_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chat.models import Run

Json = dict[str, Any]
Path = list[str | int]

PREFIX = "playground-file:"


def placeholder(file: StoredFile) -> str:
    """Return the text that represents a file while a body is written: its address, or a short data URL."""
    return file.address or f"data:{file.media_type};base64,{_token(file)}"


def refer(
    body: Json, attached: Iterable[StoredFile], kept: Mapping[str, StoredFile] = MappingProxyType({})
) -> list[Json]:
    """Replace the files in ``body`` by their names, in place, and return the references to them.

    ``kept`` are the sounds of spoken answers, by the ids under which the provider has them.
    """
    wanted: dict[str, tuple[StoredFile, str]] = {}
    for file in attached:
        if file.address:
            wanted[file.address] = file, "address"
        else:
            wanted[placeholder(file)] = file, "url"
            wanted[_token(file)] = file, "base64"
    if not (wanted or kept):
        return []
    references = []
    for path, text in list(_texts(body, [])):
        spoken = kept.get(text) if path[-2:] == ["audio", "id"] else None
        if found := (spoken, "address") if spoken else wanted.get(text):
            file, form = found
            if form != "address":
                _put(body, path, f"{PREFIX}{file.code}")
            references.append(
                {
                    "path": path,
                    "file": str(file.code),
                    "form": form,
                    "tokens": _tokens(file),
                    "byte_size": file.byte_size,
                }
            )
    return references


def tokens_of(references: Iterable[Json]) -> int:
    return sum(reference["tokens"] for reference in references)


def files_of(run: Run) -> dict[str, StoredFile]:
    """Load the files that the body of ``run`` names, by their codes."""
    codes = {reference["file"] for reference in run.references if reference["form"] != "address"}
    return {str(file.code): file for file in StoredFile.objects.filter(code__in=codes)}


def filled(body: Json, references: Iterable[Json], found: Mapping[str, StoredFile]) -> Json:
    """Return a copy of ``body`` with the bytes of the files filled in.

    :raises FileNotFoundError: a file no longer exists.
    """
    body = copy.deepcopy(body)
    read: dict[str, str] = {}
    for reference in references:
        code, form = reference["file"], reference["form"]
        if form == "address":
            continue
        if code not in found:
            raise FileNotFoundError(code)
        if code not in read:
            read[code] = base64.b64encode(files.read(found[code])).decode()
        start = f"data:{found[code].media_type};base64," if form == "url" else ""
        _put(body, reference["path"], start + read[code])
    return body


def encoded(body: Json, references: Iterable[Json], found: Mapping[str, StoredFile]) -> bytes:
    """Encode the request with its files. Too slow for an event loop. Errors as in :func:`filled`."""
    return msgspec.json.encode(filled(body, references, found))


def _token(file: StoredFile) -> str:
    # Hexadecimal digits are valid base64, in case a schema checks that.
    return file.content.hex


def _tokens(file: StoredFile) -> int:
    pixels = file.width * file.height if file.width and file.height else None
    return attachment_tokens(file.kind, pixels, file.byte_size, file.seconds)


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, [*path, key])
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _texts(inner, [*path, place])


def _put(body: Any, path: Path, text: str) -> None:
    for step in path[:-1]:
        body = body[step]
    body[path[-1]] = text
