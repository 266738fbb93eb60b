"""Conversations of ChatGPT's export: ``conversations.json`` of the archive that it sends."""

from __future__ import annotations

from typing import Any

from chat.importing.found import (
    ROLES,
    FoundConversation,
    FoundMessage,
    FoundPrompt,
    Json,
    object_of,
    text_of,
    time_of,
)
from chat.importing.tree import in_order

SOURCE = "ChatGPT"
# Contents that are notes of the service: its instructions, and lines such as "Thought for 3 seconds".
_NOTES = {"user_editable_context", "model_editable_context", "reasoning_recap", "app_pairing_content"}
_ABSENT = "[A picture or recording that the export of ChatGPT does not contain]"


def read_chatgpt(found: Json) -> FoundConversation:
    """
    :raises ImportRefused: it has no messages, or they are no tree.
    """
    nodes = object_of(found.get("mapping"), "Its “mapping”")
    reader = _Nodes({str(code): node for code, node in nodes.items() if isinstance(node, dict)})
    messages = [message for code in reader.nodes if (message := reader.message(code))]
    return FoundConversation(
        title=text_of(found.get("title")),
        messages=in_order(messages),
        head=reader.kept(str(found.get("current_node") or "")),
        created_at=time_of(found.get("create_time")),
        updated_at=time_of(found.get("update_time")),
        system_prompts=[FoundPrompt(reader.system)] if reader.system else [],
        system_prompt=1 if reader.system else None,
        setting={"model": text_of(found.get("default_model_slug"))},
    )


class _Nodes:
    """Nodes without a message to show are left out; what follows them follows the last one before."""

    def __init__(self, nodes: dict[str, Json]) -> None:
        self.nodes = nodes
        self.system = ""
        self._is_kept = {code: self._shows(node) for code, node in nodes.items()}

    def kept(self, code: str) -> str:
        """Return the node if it is kept, else the nearest kept one above it; empty if there is none."""
        seen = set()
        while code in self.nodes and not self._is_kept[code] and code not in seen:
            seen.add(code)
            code = str(self.nodes[code].get("parent") or "")
        return "" if code in seen else code

    def message(self, code: str) -> FoundMessage | None:
        node = self.nodes[code]
        said = node.get("message")
        if not self._is_kept[code] or not isinstance(said, dict):
            self._note_system(said)
            return None
        role = _role(said)
        message = FoundMessage(
            id=code,
            parent=self.kept(str(node.get("parent") or "")),
            role=role,
            text=_text(said.get("content")),
            at=time_of(said.get("create_time")),
        )
        if role == "assistant":
            model = text_of(_of(said, "metadata").get("model_slug"))
            message.reasoning = self._thoughts(str(node.get("parent") or ""))
            message.data["imported"] = {"from": SOURCE, **({"model": model} if model else {})}
            if _is_call(said):
                call = {"id": f"call_{code}", "name": text_of(said["recipient"]), "arguments": message.text}
                message.data["tool_calls"] = [{**call, "type": "custom"}]
                message.text = ""
        elif role == "tool":
            called = f"call_{message.parent}"
            message.data |= {"tool_call_id": called, "name": text_of(_of(said, "author").get("name"))}
        return message

    def _shows(self, node: Json) -> bool:
        said = node.get("message")
        if not isinstance(said, dict) or _role(said) not in ROLES:
            return False
        content = _of(said, "content")
        if content.get("content_type") in _NOTES | {"thoughts"}:
            return False
        is_hidden = _of(said, "metadata").get("is_visually_hidden_from_conversation")
        return bool(not is_hidden and (_text(content) or _is_call(said)))

    def _note_system(self, said: Any) -> None:
        if isinstance(said, dict) and _role(said) == "system" and not self.system:
            self.system = _text(said.get("content"))

    def _thoughts(self, code: str) -> str:
        """Join the thoughts in the nodes that were left out above an answer."""
        found: list[str] = []
        seen = set()
        while code in self.nodes and not self._is_kept[code] and code not in seen:
            seen.add(code)
            content = _of(_of(self.nodes[code], "message"), "content")
            if content.get("content_type") == "thoughts" and isinstance(content.get("thoughts"), list):
                found[:0] = [_thought(each) for each in content["thoughts"] if isinstance(each, dict)]
            code = str(self.nodes[code].get("parent") or "")
        return "\n\n".join(filter(None, found))


def _thought(found: Json) -> str:
    summary, content = text_of(found.get("summary")), text_of(found.get("content"))
    return "\n\n".join(filter(None, (f"**{summary}**" if summary else "", content)))


def _of(found: Json, name: str) -> Json:
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def _role(said: Json) -> str:
    return str(_of(said, "author").get("role") or "")


def _is_call(said: Json) -> bool:
    """Return whether an answer is written to a tool and not to the reader."""
    return _role(said) == "assistant" and said.get("recipient") not in (None, "", "all")


def _text(content: Any) -> str:
    if not isinstance(content, dict):
        return ""
    parts = content.get("parts")
    if isinstance(parts, list):
        return "\n\n".join(filter(None, map(_part, parts)))
    return text_of(content.get("text")) or text_of(content.get("result"))


def _part(part: Any) -> str:
    if isinstance(part, dict):
        # A spoken prompt comes with its transcript.
        is_absent = str(part.get("content_type", "")).endswith("asset_pointer")
        return text_of(part.get("text")) or (_ABSENT if is_absent else "")
    return text_of(part)
