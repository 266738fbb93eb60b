"""Requests in JSON lines, as conversations: requests that begin alike are branches of one.

A request contains the answers before its prompt, so an answer is known if a later request follows it.
"""

from __future__ import annotations

import json
from typing import Any

from chat.importing.found import FoundConversation, FoundMessage, FoundPrompt, Json, text_of
from chat.importing.tree import in_order

SOURCE = "requests"
_SPOKEN = "[A spoken answer that the request named by its id]"
_ABSENT = "[A file that the request contained]"
_INSTRUCTIONS = {"system", "developer"}


class Requests:
    """The conversations of all requests so far."""

    def __init__(self) -> None:
        # The messages by what they say and follow, in each conversation by its first message.
        self._trees: dict[str, dict[tuple[str, str], FoundMessage]] = {}
        self._of: dict[str, FoundConversation] = {}

    def add(self, body: Json) -> None:
        system, messages = _messages(body)
        if not messages:
            return
        model = text_of(body.get("model"))
        first = json.dumps(messages[0], sort_keys=True)
        tree = self._trees.setdefault(first, {})
        parent = ""
        for said in messages:
            key = parent, json.dumps(said, sort_keys=True)
            if key not in tree:
                tree[key] = _found(said, str(len(tree) + 1), parent, model)
            parent = tree[key].id
        conversation = self._of.setdefault(first, FoundConversation(title="", messages=[]))
        # The next request would have the setting of the last one.
        conversation.head = parent
        conversation.setting = {"model": model, **_setting(body)}
        prompt = FoundPrompt(system)
        if system and prompt not in conversation.system_prompts:
            conversation.system_prompts.append(prompt)
        conversation.system_prompt = conversation.system_prompts.index(prompt) + 1 if system else None

    def conversations(self) -> list[FoundConversation]:
        for first, conversation in self._of.items():
            conversation.messages = in_order(list(self._trees[first].values()))
        return list(self._of.values())


def is_request(found: Json) -> bool:
    """Return whether an object looks like the body of a request at one of the endpoints."""
    return isinstance(found.get("messages"), list) or ("model" in found and "input" in found)


def _setting(body: Json) -> Json:
    no_parameters = {"model", "messages", "input", "instructions", "system", "stream", "stream_options"}
    kind = "responses" if "input" in body else "messages" if "system" in body else "chat/completions"
    return {
        "endpoint": kind,
        "parameters": {name: value for name, value in body.items() if name not in no_parameters},
    }


def _messages(body: Json) -> tuple[str, list[Json]]:
    """Return the system prompt and the messages of a body, the latter as keyword arguments of a message."""
    told = body.get("messages", body.get("input"))
    told = [{"role": "user", "content": told}] if isinstance(told, str) else told
    system = [_text(body.get("system")) or text_of(body.get("instructions"))]
    messages: list[Json] = []
    for each in told if isinstance(told, list) else ():
        if not isinstance(each, dict):
            continue
        if each.get("role") in _INSTRUCTIONS:
            system.append(_text(each.get("content")))
        else:
            messages += _turns(each)
    return "\n\n".join(filter(None, system)), messages


def _turns(each: Json) -> list[Json]:
    """Read a message of any endpoint. Anthropic's may contain several results of tools."""
    match each:
        case {"type": "function_call"}:
            return [{"role": "assistant", "text": "", "calls": [_call(each, each.get("call_id"))]}]
        case {"type": "function_call_output"}:
            return [_result(each.get("call_id"), each.get("output"))]
        case {"role": "tool"}:
            return [_result(each.get("tool_call_id"), each.get("content"))]
        case {"role": "assistant"}:
            calls = [
                _call(call.get("function", call), call.get("id"))
                for call in _objects(each.get("tool_calls")) + _blocks(each, "tool_use")
                if isinstance(call.get("function", call), dict)
            ]
            text = _text(each.get("content")) or (_SPOKEN if isinstance(each.get("audio"), dict) else "")
            return [{"role": "assistant", "text": text, "calls": calls}]
        case {"role": "user"}:
            results = [
                _result(block.get("tool_use_id"), block.get("content"))
                for block in _blocks(each, "tool_result")
            ]
            text = _text(each.get("content"))
            return [*results, *([{"role": "user", "text": text}] if text or not results else [])]
    return []


def _result(call: Any, output: Any) -> Json:
    return {"role": "tool", "text": _text(output), "call": text_of(call)}


def _call(found: Json, code: Any) -> Json:
    arguments = found.get("arguments", found.get("input", ""))
    return {
        "id": text_of(code),
        "name": text_of(found.get("name")),
        "arguments": text_of(arguments) or json.dumps(arguments, ensure_ascii=False),
    }


def _blocks(each: Json, kind: str) -> list[Json]:
    return [block for block in _objects(each.get("content")) if block.get("type") == kind]


def _objects(value: Any) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(content: Any) -> str:
    if not isinstance(content, list):
        return text_of(content)
    return "\n\n".join(filter(None, (_part(part) for part in content)))


def _part(part: Any) -> str:
    if not isinstance(part, dict):
        return text_of(part)
    if part.get("type") in {"tool_use", "tool_result", "thinking", "redacted_thinking"}:
        return ""
    return text_of(part.get("text")) if "text" in part else _ABSENT


def _found(said: Json, code: str, parent: str, model: str) -> FoundMessage:
    message = FoundMessage(id=code, parent=parent, role=said["role"], text=said["text"])
    if message.role == "assistant":
        message.data["imported"] = {"from": SOURCE, **({"model": model} if model else {})}
        if said["calls"]:
            message.data["tool_calls"] = said["calls"]
    elif message.role == "tool":
        message.data["tool_call_id"] = said["call"]
    return message
