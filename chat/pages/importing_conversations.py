"""The contents of a file of conversations, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from accounts.names import one_line
from chat.exceptions import ImportRefused
from chat.importing.read import Unread, read_conversations
from chat.titles import title_of

if TYPE_CHECKING:
    from datetime import datetime

    from chat.importing.found import FoundConversation
    from chat.models import Conversation

# A page with more checkboxes would be slow; the export of ten years has fewer.
MOST_LISTED = 5_000


@dataclass(frozen=True, slots=True)
class ListedConversation:
    """A conversation of a file. ``place`` counts from 0, and identifies it in the file."""

    place: int
    title: str
    messages: int
    at: datetime | None


@dataclass(slots=True)
class FoundInFile:
    conversations: list[ListedConversation] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


@dataclass(slots=True)
class Stored:
    conversations: list[Conversation] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


def listed(file: IO[bytes]) -> FoundInFile:
    """Read the titles of a file, and keep nothing else of it.

    :raises ImportRefused: nothing in it can be read.
    """
    found = FoundInFile()
    try:
        for place, each in enumerate(read_conversations(file)):
            if isinstance(each, Unread):
                found.unread.append(each)
            else:
                found.conversations.append(_row(place, each))
            if place >= MOST_LISTED:
                raise ImportRefused(f"Only the first {MOST_LISTED:,} conversations of a file are listed.")
    except ImportRefused as refusal:
        if not found.conversations:
            raise
        found.unread.append(Unread("The rest of the file", str(refusal)))
    if not found.conversations and found.unread:
        raise ImportRefused(" ".join(f"{each.title}: {each.reason}" for each in found.unread[:3]))
    return found


def _row(place: int, found: FoundConversation) -> ListedConversation:
    first = next((each.text for each in found.messages if each.role == "user" and each.text), "")
    title = one_line(found.title) or title_of(first or "Conversation without a title")
    at = found.updated_at or found.created_at
    return ListedConversation(place, title[:120], len(found.messages), at)
