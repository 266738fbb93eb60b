"""Requests in JSON lines, as conversations: requests that begin alike are branches of one.

A request contains the answers before its prompt, so an answer is known if a later request follows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.exceptions import ImportRefused
from chat.importing.found import FoundConversation, FoundFile, FoundMessage, FoundPrompt, Json, text_of
from chat.importing.tree import in_order
from playground.code.reading.addresses import guessed_kind
from playground.code.reading.paste import PasteRefused
from playground.code.reading.transcript import told_in
from playground.upstream.dialects.registry import DIALECTS
from playground.upstream.dialects.shared.transcript import FETCHED
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from playground.upstream.dialects.shared.transcript import Attachment, ToolCall, Turn

SOURCE = "requests"
_ABSENT = "[A part of the request that cannot be imported]"


class Requests:
    """The conversations of all requests so far."""

    def __init__(self) -> None:
        # The messages by what they say and follow, in each conversation by its first message.
        self._trees: dict[Turn, dict[tuple[str, Turn], FoundMessage]] = {}
        self._of: dict[Turn, FoundConversation] = {}

    def add(self, body: Json) -> None:
        """
        :raises ImportRefused: its messages cannot be read.
        """
        kind = guessed_kind(body) or "chat/completions"
        try:
            told = told_in(kind, body, _ABSENT)
        except PasteRefused as refusal:
            raise ImportRefused(refusal.message) from None
        if not told.turns:
            return
        model = text_of(body.get("model"))
        first = told.turns[0]
        tree = self._trees.setdefault(first, {})
        parent = ""
        for turn in told.turns:
            key = parent, turn
            if key not in tree:
                tree[key] = _found(turn, str(len(tree) + 1), parent, model)
            parent = tree[key].id
        conversation = self._of.setdefault(first, FoundConversation(title="", messages=[]))
        # The next request would have the setting of the last one.
        conversation.head = parent
        conversation.setting = {
            "model": model,
            "endpoint": kind,
            "parameters": DIALECTS[kind].parameters_of(body),
        }
        prompt = FoundPrompt(storable(told.system_text))
        if prompt.text and prompt not in conversation.system_prompts:
            conversation.system_prompts.append(prompt)
        conversation.system_prompt = conversation.system_prompts.index(prompt) + 1 if prompt.text else None

    def conversations(self) -> list[FoundConversation]:
        for first, conversation in self._of.items():
            conversation.messages = in_order(list(self._trees[first].values()))
        return list(self._of.values())


def is_request(found: Json) -> bool:
    """Return whether an object looks like the body of a request at one of the endpoints."""
    return isinstance(found.get("messages"), list) or ("model" in found and "input" in found)


def _found(turn: Turn, code: str, parent: str, model: str) -> FoundMessage:
    kept = [each for each in turn.attachments if each.is_inline or each.kind in FETCHED]
    texts = [turn.text, *[_ABSENT] * (len(turn.attachments) - len(kept))]
    message = FoundMessage(
        id=code,
        parent=parent,
        role=turn.role.value,
        text=storable("\n\n".join(filter(None, texts))),
        files=[_file(each, str(place)) for place, each in enumerate(kept)],
    )
    if message.role == "assistant":
        message.data["imported"] = {"from": SOURCE, **({"model": model} if model else {})}
        if turn.tool_calls:
            message.data["tool_calls"] = storable([_call(call) for call in turn.tool_calls])
    elif message.role == "tool":
        message.data["tool_call_id"] = storable(turn.call_id)
        if turn.is_error:
            message.data["is_error"] = True
    return message


def _call(call: ToolCall) -> Json:
    custom = {"type": call.type} if call.type != "function" else {}
    return {"id": call.id, "name": call.name, "arguments": call.arguments, **custom}


def _file(attachment: Attachment, code: str) -> FoundFile:
    return FoundFile(
        id=code,
        name=attachment.name or attachment.kind.value,
        content=attachment.base64,
        address="" if attachment.is_inline else attachment.url,
        kind=attachment.kind.value,
    )
