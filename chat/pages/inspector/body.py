"""The body of a request as formatted JSON whose long strings are folded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from chat.references import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chat.models import StoredFile

# Limit of the page; the download has the rest.
MOST_CHARACTERS = 200_000
# Longer strings are folded after their first characters.
FOLD_FROM, SHOWN_OF_FOLDED = 480, 240


@dataclass(frozen=True, slots=True)
class BodyPart:
    """Formatted JSON, and the folded rest of the string at its end."""

    text: str
    folded: str = ""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file in a body. ``url`` is empty if nobody can open it here."""

    name: str
    code: str
    byte_size: int
    place: str
    is_address: bool
    # The provider made it, and still has it.
    is_kept: bool


def body_context(
    body: dict[str, Any], references: list[dict[str, Any]], files: Mapping[str, StoredFile]
) -> dict[str, Any]:
    """Return the context of ``chat/inspector/_body.html``."""
    text = json.dumps(body, ensure_ascii=False, indent=2)
    return {
        "body": _parts(body),
        "body_left_out": max(0, len(text) - MOST_CHARACTERS),
        "sent_files": [_sent(reference, files) for reference in references],
    }


def byte_size_of(
    body: dict[str, Any], references: Iterable[dict[str, Any]], files: Mapping[str, StoredFile]
) -> int:
    """Return the bytes of the body as it is sent, with the files in the place of their names."""
    size = len(msgspec.json.encode(body))
    for reference in references:
        if reference["form"] == "address":
            continue
        size -= len(f"{PREFIX}{reference['file']}")
        # Base64 writes four characters for every three bytes.
        size += 4 * -(-reference["byte_size"] // 3)
        if reference["form"] == "url" and (file := files.get(reference["file"])):
            size += len(f"data:{file.media_type};base64,")
    return size


def _parts(body: dict[str, Any]) -> list[BodyPart]:
    parts: list[BodyPart] = []
    plain: list[str] = []
    left = MOST_CHARACTERS
    for piece in json.JSONEncoder(ensure_ascii=False, indent=2).iterencode(body):
        piece, left = piece[:left], left - len(piece)
        if len(piece) > FOLD_FROM:
            parts.append(BodyPart("".join(plain) + piece[:SHOWN_OF_FOLDED], piece[SHOWN_OF_FOLDED:]))
            plain.clear()
        else:
            plain.append(piece)
        if left <= 0:
            break
    return [*parts, BodyPart("".join(plain))]


def _sent(reference: dict[str, Any], files: Mapping[str, StoredFile]) -> SentFile:
    file = files.get(reference["file"])
    return SentFile(
        name=file.name if file else "a file that was deleted",
        code=reference["file"] if file else "",
        byte_size=reference["byte_size"],
        place=_place(reference["path"]),
        is_address=reference["form"] == "address",
        is_kept=reference["path"][-2:] == ["audio", "id"],
    )


def _place(path: list[str | int]) -> str:
    """
    >>> _place(["messages", 0, "content", 1, "image_url", "url"])
    'messages[0].content[1].image_url.url'
    """
    found = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return found.removeprefix(".")
