"""Conversations of Open WebUI's export: a list of chats, or a single one."""

from __future__ import annotations

import html
import re
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

SOURCE = "Open WebUI"
# It stores the reasoning as HTML at the start of the answer.
_REASONING = re.compile(
    r'\s*<details type="reasoning"[^>]*>\s*(?:<summary>[^<]*</summary>)?(?P<text>.*?)</details>\s*', re.DOTALL
)


def read_open_webui(found: Json) -> FoundConversation:
    """
    :raises ImportRefused: it has no messages, or they are no tree.
    """
    chat = object_of(found.get("chat", found), "Its “chat”")
    history = chat.get("history")
    history = history if isinstance(history, dict) else {}
    messages = history.get("messages")
    told = list(messages.values()) if isinstance(messages, dict) else chat.get("messages")
    models = chat.get("models")
    system = text_of(_of(chat, "params").get("system")) or text_of(chat.get("system"))
    is_tree = isinstance(messages, dict)
    ids = [str(each.get("id") or place) for place, each in _numbered(told)]
    return FoundConversation(
        title=text_of(found.get("title")) or text_of(chat.get("title")),
        messages=in_order(
            [
                _message(each, code, _parent(each, ids, place, is_tree=is_tree))
                for (place, each), code in zip(_numbered(told), ids, strict=True)
            ]
        ),
        head=str(history.get("currentId") or ""),
        created_at=time_of(found.get("created_at")) or time_of(chat.get("timestamp")),
        updated_at=time_of(found.get("updated_at")),
        system_prompts=[FoundPrompt(system)] if system else [],
        system_prompt=1 if system else None,
        setting={"model": text_of(models[0]) if isinstance(models, list) and models else ""},
    )


def _numbered(told: Any) -> list[tuple[int, Json]]:
    """Number the messages; older exports have only a list of the shown branch."""
    found = told if isinstance(told, list) else []
    said = [each for each in found if isinstance(each, dict) and each.get("role") in ROLES]
    return list(enumerate(said))


def _parent(each: Json, ids: list[str], place: int, *, is_tree: bool) -> str:
    if is_tree:
        return str(each.get("parentId") or "")
    return ids[place - 1] if place else ""


def _message(each: Json, code: str, parent: str) -> FoundMessage:
    message = FoundMessage(
        id=code,
        parent=parent,
        role=each["role"],
        text=_content(each.get("content")),
        at=time_of(each.get("timestamp")),
    )
    if message.role == "assistant":
        model = text_of(each.get("modelName")) or text_of(each.get("model"))
        message.data["imported"] = {"from": SOURCE, **({"model": model} if model else {})}
        message.reasoning, message.text = _apart(message.text)
    return message


def _content(content: Any) -> str:
    if isinstance(content, list):
        texts = [text_of(part.get("text")) for part in content if isinstance(part, dict)]
        return "\n\n".join(filter(None, texts))
    return text_of(content)


def _apart(text: str) -> tuple[str, str]:
    """Separate the reasoning from the answer.

    >>> _apart('<details type="reasoning"><summary>Thought</summary>\\n&gt; Hm.\\n</details>\\nYes.')
    ('Hm.', 'Yes.')
    """
    found = _REASONING.match(text)
    if not found:
        return "", text
    lines = html.unescape(found["text"]).strip().split("\n")
    return "\n".join(re.sub(r"^> ?", "", line) for line in lines), text[found.end() :]


def _of(found: Json, name: str) -> Json:
    value = found.get(name)
    return value if isinstance(value, dict) else {}
