"""A conversation as a file has it, before it is stored."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chat.exceptions import ImportRefused
from playground.upstream.storable import storable

Json = dict[str, Any]

ROLES = ("user", "assistant", "tool")


@dataclass(slots=True)
class FoundFile:
    """A file of a message. ``content`` is base64, and empty if the export only names the file."""

    id: str
    name: str
    content: str = ""
    address: str = ""
    # The kind of a file at an address. The bytes of other files say what they are.
    kind: str = ""


@dataclass(slots=True)
class FoundMessage:
    """A message. ``parent`` is the id of another one, and empty for a first message."""

    id: str
    parent: str
    role: str
    text: str = ""
    reasoning: str = ""
    data: Json = field(default_factory=dict)
    at: datetime | None = None
    # The model that wrote the original of a copied answer.
    provider: str = ""
    model: str = ""
    is_edited: bool = False
    is_example: bool = False
    # The number of the system prompt that an answer was given.
    system_prompt: int | None = None
    files: list[FoundFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FoundPrompt:
    """A version of the system prompt."""

    text: str
    at: datetime | None = None


@dataclass(slots=True)
class FoundConversation:
    title: str
    # Every parent comes before its children.
    messages: list[FoundMessage]
    # The id of the last message of the shown branch; empty for the newest branch.
    head: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    # The versions of the system prompt, counted from 1, and the number of the current one.
    system_prompts: list[FoundPrompt] = field(default_factory=list)
    system_prompt: int | None = None
    # {"provider", "model", "endpoint", "parameters"} of the composer, as far as the file names them.
    setting: Json = field(default_factory=dict)


def text_of(value: Any) -> str:
    """Return a text that every database takes; empty for anything else."""
    return storable(value) if isinstance(value, str) else ""


def object_of(value: Any, what: str) -> Json:
    """
    :raises ImportRefused: it is no object.
    """
    if not isinstance(value, dict):
        raise ImportRefused(f"{what} is no JSON object.")
    return value


def time_of(value: Any) -> datetime | None:
    """Return a time from seconds or milliseconds since 1970 or from ISO 8601; None if it is none of them.

    >>> time_of(1700000000.5), time_of("2024-01-01T00:00:00+00:00"), time_of("soon")
    (datetime.datetime(2023, 11, 14, 22, 13, 20, 500000, tzinfo=datetime.timezone.utc), \
datetime.datetime(2024, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), None)
    """
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and math.isfinite(value)
            and value > 0
        ):
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None
