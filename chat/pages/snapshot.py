"""A public snapshot as its page and its preview show it, and the list of public links."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.urls import reverse

from chat.models import Message, StoredFile
from chat.pages.answers import AnswerParts, answer_parts
from chat.pages.attaching import Attached, attached

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.core.paginator import Page

    from accounts.models import Membership
    from chat.models import Snapshot

    # Makes the address of a file by its code.
    AddressOf = Callable[[str], str]

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class PublicMessage:
    """A message of a snapshot, with what the templates of messages read."""

    role: str
    text: str
    at: datetime
    # The name of the person who wrote it, or of the model; empty if it is not shown.
    name: str
    tool_name: str = ""
    parts: AnswerParts | None = None
    files: list[Attached] = field(default_factory=list)
    hidden_files: int = 0
    hidden_calls: int = 0
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class PublicColumn:
    number: int
    system: str
    messages: list[PublicMessage]


def columns_of(
    content: Mapping[str, Any], files: Sequence[StoredFile], address_of: AddressOf
) -> list[PublicColumn]:
    """Return the columns of a snapshot; a conversation has one."""
    known = {str(file.code): file for file in files}
    return [
        PublicColumn(
            number,
            column["system"],
            [_message(each, known, address_of) for each in column["messages"]],
        )
        for number, column in enumerate(content["columns"], 1)
    ]


def _message(
    found: Mapping[str, Any], files: Mapping[str, StoredFile], address_of: AddressOf
) -> PublicMessage:
    parts = None
    in_answer: set[str] = set()
    if found["role"] == Message.Role.ASSISTANT:
        # The message is not saved: it carries the copied parts to the code that shows those of any answer.
        data = found["data"]
        copy = Message(role=found["role"], text=found["text"], reasoning=found["reasoning"], data=data)
        shown = answer_parts(copy, None)
        parts = replace(
            shown,
            images=[replace(image, url=address_of(image.file)) for image in shown.images if image.file],
            audio=replace(shown.audio, url=address_of(shown.audio.file)) if shown.audio else None,
        )
        in_answer = {image.file for image in parts.images} | ({parts.audio.file} if parts.audio else set())
    own = [files[code] for code in found.get("files", ()) if code in files and code not in in_answer]
    return PublicMessage(
        role=found["role"],
        text=found["text"],
        at=datetime.fromisoformat(found["at"]),
        name=found.get("model") or found.get("name", ""),
        tool_name=found.get("tool", ""),
        parts=parts,
        files=[_attached(file, address_of) for file in own],
        hidden_files=found.get("hidden_files", 0),
        hidden_calls=found.get("hidden_calls", 0),
        has_failed=found.get("failed", False),
    )


def _attached(file: StoredFile, address_of: AddressOf) -> Attached:
    shown = attached(file)
    return shown if shown.address else replace(shown, url=address_of(str(file.code)))


def private_address(code: str) -> str:
    """Return the address of a file in a preview, which its owner opens."""
    return reverse("chat:file", args=[code])


def public_page(snapshots: Any, membership: Membership, number: str) -> dict[str, Any]:
    """Return the context of the list of a workspace's public links, in two queries for any number of them."""
    rows: Page[Snapshot] = Paginator(
        snapshots.select_related("made_by", "conversation").defer("content"), PER_PAGE
    ).get_page(number or 1)
    workspace = membership.workspace
    return {"links": rows, "workspace": workspace, "membership": membership, "section": "public_links"}
