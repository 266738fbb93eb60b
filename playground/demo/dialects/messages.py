"""The demo's ``/v1/messages``, after Anthropic's API.

https://platform.claude.com/docs/en/api/messages
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from playground.demo import tokens
from playground.demo.answers import ScriptedAnswer
from playground.demo.dialects import sealing
from playground.demo.replies import Reply
from playground.demo.requests import ChatRequest
from playground.demo.steps import Pace, Steps, json_response, named_event
from playground.upstream.dialects.messages import DIALECT

KIND = DIALECT.kind

_STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
_CHOICES = {"any": "required", "auto": "auto", "none": "none"}
_FRAGMENT = 12


def read(body: dict[str, Any]) -> ChatRequest:
    parameters = DIALECT.parameters_of(body)
    parameters.setdefault("thinking", {"type": "disabled"})
    if "stop_sequences" in parameters:
        parameters["stop"] = parameters.pop("stop_sequences")
    if isinstance(tools := parameters.get("tools"), list):
        parameters["tools"] = [_tool(tool) for tool in tools if isinstance(tool, dict)]
    if isinstance(choice := parameters.pop("tool_choice", None), dict):
        parameters["tool_choice"] = _CHOICES.get(
            str(choice.get("type")), {"type": "function", "function": {"name": choice.get("name")}}
        )
    said = [{"role": "system", "content": tokens.text_of(body.get("system"))}] if body.get("system") else []
    thoughts = 0
    for message in _messages(body):
        blocks = _blocks(message)
        thoughts += sum(_is_own_thought(block) for block in blocks)
        said += _as_chat(str(message.get("role")), blocks)
    return ChatRequest(
        str(body.get("model", "")), tuple(said), parameters, bool(body.get("stream")), KIND, thoughts
    )


def problems(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return errors that the real API finds and no schema: the order of roles, tool use without thinking."""
    found = []
    for place, message in enumerate(messages := _messages(body)):
        expected = "assistant" if place % 2 else "user"
        if message.get("role") != expected:
            found.append((f"messages.{place}.role", f"Roles take turns: this has to be {expected}"))
    thinking = body.get("thinking")
    if isinstance(thinking, dict) and thinking.get("type") == "enabled":
        for place, message in enumerate(messages):
            blocks = _blocks(message)
            uses_tools = any(block.get("type") == "tool_use" for block in blocks)
            if uses_tools and not _is_own_thought(blocks[0]):
                found.append(
                    (f"messages.{place}.content.0", "Expected `thinking` as it was signed, before `tool_use`")
                )
    return found


def _messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    messages = body.get("messages")
    return [item for item in messages if isinstance(item, dict)] if isinstance(messages, list) else []


def _blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _is_own_thought(block: dict[str, Any]) -> bool:
    return block.get("type") == "thinking" and sealing.is_signed(
        block.get("thinking"), block.get("signature")
    )


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    function = {"name": tool.get("name"), "description": tool.get("description", "")}
    return {"type": "function", "function": {**function, "parameters": tool.get("input_schema", {})}}


def _as_chat(role: str, blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    results = [
        {"role": "tool", "content": tokens.text_of(block.get("content"))}
        for block in blocks
        if block.get("type") == "tool_result"
    ]
    text = tokens.text_of(blocks)
    return [*results, {"role": role, "content": text}] if text or not results else results


class MessagesReply(Reply):
    """An answer in blocks, each with a start, deltas and an end; usage comes in two events."""

    def stream(self, answer: ScriptedAnswer) -> Steps:
        yield self.head()
        yield Pace(self.tokens_per_second)
        yield named_event("message_start", {"message": self._message([], None, 1)})
        for place, (start, deltas) in enumerate(_streamed(answer)):
            yield named_event("content_block_start", {"index": place, "content_block": start})
            for delta in deltas:
                yield named_event("content_block_delta", {"index": place, "delta": delta}, is_token=True)
            yield named_event("content_block_stop", {"index": place})
        ending = {"stop_reason": _STOP_REASONS[answer.finish_reason], "stop_sequence": None}
        usage = {"output_tokens": answer.output_tokens}
        yield named_event("message_delta", {"delta": ending, "usage": usage})
        yield named_event("message_stop", {"meta": {"usage": self.cost(answer)}})

    def whole(self, answer: ScriptedAnswer) -> Steps:
        content: list[dict[str, Any]] = []
        if answer.reasoning:
            thought = "".join(answer.reasoning)
            content.append({"type": "thinking", "thinking": thought, "signature": sealing.sign(thought)})
        if answer.content:
            content.append({"type": "text", "text": "".join(answer.content)})
        content += [
            {"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments)}
            for call in answer.tool_calls
        ]
        message = self._message(content, _STOP_REASONS[answer.finish_reason], answer.output_tokens)
        return json_response(200, {**message, "meta": {"usage": self.cost(answer)}})

    def _message(
        self, content: list[dict[str, Any]], stop_reason: str | None, output_tokens: int
    ) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": content,
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "usage": {"input_tokens": self.input_tokens, "output_tokens": output_tokens},
        }


def _streamed(answer: ScriptedAnswer) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield each block of the answer: its beginning, and its deltas."""
    if answer.reasoning:
        thoughts = [{"type": "thinking_delta", "thinking": piece} for piece in answer.reasoning]
        signature = sealing.sign("".join(answer.reasoning))
        yield (
            {"type": "thinking", "thinking": "", "signature": ""},
            [*thoughts, {"type": "signature_delta", "signature": signature}],
        )
    if answer.content:
        yield {"type": "text", "text": ""}, [{"type": "text_delta", "text": said} for said in answer.content]
    for call in answer.tool_calls:
        cuts = range(0, len(call.arguments), _FRAGMENT)
        pieces = ["", *(call.arguments[cut : cut + _FRAGMENT] for cut in cuts)]
        yield (
            {"type": "tool_use", "id": call.id, "name": call.name, "input": {}},
            [{"type": "input_json_delta", "partial_json": piece} for piece in pieces],
        )
