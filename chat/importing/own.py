"""Conversations of our own JSON: see docs/export.md. Every value is checked."""

from __future__ import annotations

from typing import Any

from chat.exceptions import ImportRefused
from chat.importing.answer_data import checked_data
from chat.importing.found import (
    FoundConversation,
    FoundFile,
    FoundMessage,
    FoundPrompt,
    Json,
    object_of,
    text_of,
    time_of,
)
from chat.importing.own_format import FROM_HERE, VERSION
from chat.importing.tree import in_order
from playground.upstream.storable import storable

_ROLES = ("user", "assistant", "tool", "system")


def read_own(found: Json) -> FoundConversation:
    """
    :raises ImportRefused: it has another version, or a part of it cannot be read.
    """
    version = found.get("version")
    if version != VERSION:
        raise ImportRefused(
            f"It has version {_shown(version)} of the format. This server reads version {VERSION}."
        )
    prompts = _list(found.get("system_prompts"), "Its list of system prompts")
    messages = _list(found.get("messages"), "Its list of messages")
    current = found.get("system_prompt")
    return FoundConversation(
        title=text_of(found.get("title")),
        messages=in_order([_message(object_of(each, "A message"), len(prompts)) for each in messages]),
        head=_code(found.get("head")),
        created_at=time_of(found.get("created_at")),
        updated_at=time_of(found.get("updated_at")),
        system_prompts=[_prompt(object_of(each, "A system prompt")) for each in prompts],
        system_prompt=_number(current, len(prompts)),
        setting=_object(found.get("setting")),
    )


def _prompt(found: Json) -> FoundPrompt:
    return FoundPrompt(text_of(found.get("text")), time_of(found.get("created_at")))


def _message(found: Json, prompts: int) -> FoundMessage:
    role = found.get("role")
    if role not in _ROLES:
        raise ImportRefused(f"A message has the role {_shown(role)}, which is none of {', '.join(_ROLES)}.")
    files = [object_of(each, "A file") for each in _list(found.get("files"), "A list of files")]
    data = checked_data(_object(found.get("data")))
    origin = data.get("imported", {"from": FROM_HERE})
    if author := text_of(found.get("author")):
        origin["author"] = author
    if run := storable(_object(found.get("run"))):
        origin |= {"run": run, "model": text_of(run.get("model"))}
    return FoundMessage(
        id=_code(found.get("id")),
        parent=_code(found.get("parent")),
        role=role,
        text=text_of(found.get("text")),
        reasoning=text_of(found.get("reasoning")),
        data={**data, "imported": origin},
        at=time_of(found.get("created_at")),
        provider=text_of(found.get("provider"))[:80],
        model=text_of(found.get("model"))[:200],
        is_edited=found.get("is_edited") is True,
        is_example=found.get("is_example") is True,
        system_prompt=_number(found.get("system_prompt"), prompts),
        files=[_file(each) for each in files],
    )


def _file(found: Json) -> FoundFile:
    return FoundFile(
        id=text_of(found.get("id")),
        name=text_of(found.get("name")) or "file",
        content=text_of(found.get("content")),
        address=text_of(found.get("address")),
        kind=text_of(found.get("kind")),
    )


def _code(value: Any) -> str:
    """Return the id of a message as text; ids are numbers in our files."""
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _number(value: Any, most: int) -> int | None:
    return value if isinstance(value, int) and 1 <= value <= most else None


def _list(value: Any, what: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ImportRefused(f"{what} is no JSON array.")
    return value


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _shown(value: Any) -> str:
    text = str(value)
    return f"“{text if len(text) <= 40 else text[:39] + '…'}”"
