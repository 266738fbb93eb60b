"""The content of a public snapshot: what was chosen to be shown of a conversation, copied and nothing else.

It is a list of what may be copied: a property of a message that is not named here is never shown.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from chat.exporting.portions import along
from chat.models import Message
from chat.transcript import Tree, calls_in, said_in
from playground.labels import model_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat.exporting.portions import Exported
    from chat.models import Conversation, StoredFile
    from playground.labels import ModelKey


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a conversation that a snapshot shows beside prompts and answers."""

    models: bool = False
    names: bool = False
    system: bool = False
    reasoning: bool = False
    tools: bool = False
    files: bool = False

    @classmethod
    def of(cls, chosen: Iterable[str]) -> Parts:
        wanted = set(chosen)
        return cls(**{field.name: field.name in wanted for field in fields(cls)})

    @property
    def chosen(self) -> list[str]:
        return [name for name, is_shown in asdict(self).items() if is_shown]


@dataclass(frozen=True, slots=True)
class Copied:
    """The content of a snapshot, and the files that its messages show."""

    content: dict[str, Any]
    files: list[StoredFile]

    @property
    def digest(self) -> str:
        """A digest of the content, by which a preview is compared with what is stored."""
        text = json.dumps(self.content, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


def copy_for_snapshot(conversation: Conversation, parts: Parts) -> Copied:
    """Copy the branch that a conversation shows, or those of all columns of a comparison."""
    shown = [conversation]
    if conversation.is_comparison:
        columns = conversation.columns.select_related("workspace", "system_prompt")
        shown = list(columns.order_by("column_place", "pk"))
    files: list[StoredFile] = []
    copied = [_column(each, parts, files) for each in shown]
    return Copied({"title": conversation.title, "columns": copied}, files)


def allowed(conversation: Conversation, chosen: Iterable[str]) -> Parts:
    """Return the chosen parts without those that would name the models of a blind comparison."""
    telling = ("models", "reasoning", "tools") if conversation.is_blind else ()
    return Parts.of(name for name in chosen if name not in telling)


def _column(conversation: Conversation, parts: Parts, files: list[StoredFile]) -> dict[str, Any]:
    messages = []
    for portion in along(Tree(conversation).path(conversation.head_id)):
        keys = {_writer(each) for each in portion} if parts.models else set()
        names = model_names(conversation.workspace, {key for key in keys if key[1]})
        messages += [_message(each, parts, names, files) for each in portion if _is_shown(each, parts)]
    return {"system": conversation.system_text if parts.system else "", "messages": messages}


def _is_shown(each: Exported, parts: Parts) -> bool:
    role = each.message.role
    if role == Message.Role.SYSTEM:
        return parts.system
    return role != Message.Role.TOOL or parts.tools


def _message(
    each: Exported, parts: Parts, names: dict[ModelKey, str], files: list[StoredFile]
) -> dict[str, Any]:
    message, said = each.message, said_in(each.message)
    found: dict[str, Any] = {
        "role": message.role,
        "text": said.get("text", ""),
        "at": message.created_at.isoformat(),
    }
    if message.role == Message.Role.ASSISTANT:
        key = _writer(each)
        imported = str(message.data.get("imported", {}).get("model", ""))
        found["model"] = (names.get(key, "") or imported) if parts.models else ""
        found["data"] = _answer(message, said, parts)
        found["reasoning"] = said.get("reasoning", "") if parts.reasoning else ""
        found["failed"] = bool(each.run and each.run.error)
        found["hidden_calls"] = 0 if parts.tools else len(calls_in(said))
    elif parts.names:
        found["name"] = each.author_name
    if message.role == Message.Role.TOOL:
        found["tool"] = str(message.data.get("name", ""))
    if parts.files:
        found["files"] = [str(file.code) for file in each.files]
        files += each.files
    else:
        found["hidden_files"] = len(each.files)
    return found


def _answer(message: Message, said: dict[str, Any], parts: Parts) -> dict[str, Any]:
    """Return the parts of an answer that may be shown, in the form of :attr:`Message.data`."""
    data: dict[str, Any] = {}
    for name in ("refusal", "transcript"):
        if said.get(name):
            data[name] = str(said[name])
    if message.data.get("citations"):
        wanted = ("url", "title", "quote")
        data["citations"] = [
            {name: str(each[name]) for name in wanted if each.get(name)} for each in message.data["citations"]
        ]
    if parts.tools:
        for name in ("tool_calls", "hosted_tools"):
            if said.get(name) or message.data.get(name):
                data[name] = said.get(name) or message.data[name]
    if parts.files:
        data["images"] = [_stored(each) for each in message.data.get("images", ()) if "file" in each]
        audio = message.data.get("audio")
        data["audio"] = _stored(audio) if isinstance(audio, dict) and "file" in audio else None
    return data


def _stored(found: dict[str, Any]) -> dict[str, Any]:
    return {key: found[key] for key in ("file", "width", "height", "is_unreadable") if key in found}


def _writer(each: Exported) -> ModelKey:
    return (each.run or each.message).provider_code, (each.run or each.message).model_id
