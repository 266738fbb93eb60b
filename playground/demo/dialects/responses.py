"""The demo's ``/v1/responses``, after OpenAI's API.

https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from playground.demo.answers import ScriptedAnswer
from playground.demo.answers.answer import ScriptedToolCall
from playground.demo.dialects import sealing
from playground.demo.replies import Reply
from playground.demo.requests import ChatRequest
from playground.demo.steps import Pace, Step, Steps, Write, json_response, named_event
from playground.upstream.dialects.responses import DIALECT

KIND = DIALECT.kind

_FRAGMENT = 12


def read(body: dict[str, Any]) -> ChatRequest:
    parameters = DIALECT.parameters_of(body)
    if "max_output_tokens" in parameters:
        parameters["max_tokens"] = parameters.pop("max_output_tokens")
    if isinstance(reasoning := parameters.pop("reasoning", None), dict):
        parameters["reasoning_effort"] = reasoning.get("effort")
    if isinstance(tools := parameters.get("tools"), list):
        parameters["tools"] = [{"type": "function", "function": tool} for tool in tools]
    if isinstance(choice := parameters.get("tool_choice"), dict):
        parameters["tool_choice"] = {"type": "function", "function": choice}
    said = [{"role": "system", "content": body["instructions"]}] if body.get("instructions") else []
    items = body.get("input")
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    usable = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    said += [message for item in usable if (message := _as_chat(item))]
    thoughts = sum(sealing.is_sealed(item.get("encrypted_content")) for item in usable)
    return ChatRequest(
        str(body.get("model", "")), tuple(said), parameters, bool(body.get("stream")), KIND, thoughts
    )


def _as_chat(item: dict[str, Any]) -> dict[str, Any] | None:
    match item.get("type", "message"):
        case "message":
            return {"role": item.get("role"), "content": item.get("content")}
        case "function_call_output":
            return {"role": "tool", "content": item.get("output")}
        case "function_call":
            return {"role": "assistant", "content": None}
        case _:
            return None


@dataclass(frozen=True, slots=True)
class ResponsesReply(Reply):
    """An answer in items, each with a start, deltas and an end; the last event repeats all of them."""

    _numbers: Iterator[int] = field(default_factory=count, repr=False)

    def stream(self, answer: ScriptedAnswer) -> Steps:
        yield self.head()
        yield Pace(self.tokens_per_second)
        yield self._event("response.created", {"response": self._response("in_progress", [], answer)})
        output: list[dict[str, Any]] = []
        if answer.reasoning:
            output.append(self._thought(answer))
            yield from self._reasoning(answer.reasoning, output[-1])
        if answer.content:
            output.append(self._message(answer))
            yield from self._text(len(output) - 1, answer.content, output[-1])
        for call in answer.tool_calls:
            output.append(_call_item(call))
            yield from self._call_item(len(output) - 1, call, output[-1])
        status = "incomplete" if answer.finish_reason == "length" else "completed"
        yield self._event(f"response.{status}", {"response": self._response(status, output, answer)})

    def stream_after(self, answer: ScriptedAnswer, number: int) -> Steps:
        """Stream the events after that number."""
        events = 0
        for step in replace(self, _numbers=count()).stream(answer):
            if isinstance(step, Write) and events <= number:
                events += 1
            else:
                yield step

    def whole(self, answer: ScriptedAnswer) -> Steps:
        status = "incomplete" if answer.finish_reason == "length" else "completed"
        output = [self._thought(answer)] if answer.reasoning else []
        output += [self._message(answer)] if answer.content else []
        output += [_call_item(call) for call in answer.tool_calls]
        return json_response(200, self._response(status, output, answer))

    def pending(self, status: str, answer: ScriptedAnswer) -> Steps:
        """Send a response that has nothing yet, or never will."""
        return json_response(200, self._response(status, [], answer))

    def _reasoning(self, pieces: list[str], item: dict[str, Any]) -> Iterator[Step]:
        where = {"item_id": item["id"], "output_index": 0, "summary_index": 0}
        part = {"type": "summary_text", "text": ""}
        started = {"id": item["id"], "type": "reasoning", "summary": []}
        yield self._event("response.output_item.added", {"output_index": 0, "item": started})
        yield self._event("response.reasoning_summary_part.added", {**where, "part": part})
        for piece in pieces:
            yield self._event("response.reasoning_summary_text.delta", {**where, "delta": piece}, True)
        text = "".join(pieces)
        yield self._event("response.reasoning_summary_text.done", {**where, "text": text})
        yield self._event("response.reasoning_summary_part.done", {**where, "part": {**part, "text": text}})
        yield self._event("response.output_item.done", {"output_index": 0, "item": item})

    def _text(self, index: int, pieces: list[str], item: dict[str, Any]) -> Iterator[Step]:
        where = {"item_id": item["id"], "output_index": index, "content_index": 0}
        started = {**item, "status": "in_progress", "content": []}
        part = {"type": "output_text", "text": "", "annotations": []}
        yield self._event("response.output_item.added", {"output_index": index, "item": started})
        yield self._event("response.content_part.added", {**where, "part": part})
        for piece in pieces:
            yield self._event("response.output_text.delta", {**where, "delta": piece}, True)
        text = "".join(pieces)
        yield self._event("response.output_text.done", {**where, "text": text})
        yield self._event("response.content_part.done", {**where, "part": {**part, "text": text}})
        yield self._event("response.output_item.done", {"output_index": index, "item": item})

    def _call_item(self, index: int, call: ScriptedToolCall, item: dict[str, Any]) -> Iterator[Step]:
        where = {"item_id": item["id"], "output_index": index}
        started = {**item, "status": "in_progress", "arguments": ""}
        yield self._event("response.output_item.added", {"output_index": index, "item": started})
        for start in range(0, len(call.arguments), _FRAGMENT):
            piece = call.arguments[start : start + _FRAGMENT]
            yield self._event("response.function_call_arguments.delta", {**where, "delta": piece}, True)
        done = {**where, "arguments": call.arguments}
        yield self._event("response.function_call_arguments.done", done)
        yield self._event("response.output_item.done", {"output_index": index, "item": item})

    def _event(self, name: str, value: dict[str, Any], is_token: bool = False) -> Step:
        numbered = {"sequence_number": next(self._numbers), **value}
        return named_event(name, numbered, is_token=is_token)

    def _thought(self, answer: ScriptedAnswer) -> dict[str, Any]:
        text = "".join(answer.reasoning)
        item = {
            "id": f"rs_{self.id.removeprefix('resp_')}",
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": text}],
        }
        return {**item, "encrypted_content": sealing.seal(text)} if answer.is_sealed else item

    def _message(self, answer: ScriptedAnswer) -> dict[str, Any]:
        part = {"type": "output_text", "text": "".join(answer.content), "annotations": []}
        return {
            "id": f"msg_{self.id.removeprefix('resp_')}",
            "type": "message",
            "status": "incomplete" if answer.finish_reason == "length" else "completed",
            "role": "assistant",
            "content": [part],
        }

    def _response(self, status: str, output: list[dict[str, Any]], answer: ScriptedAnswer) -> dict[str, Any]:
        response: dict[str, Any] = {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
            "model": self.model,
            "output": output,
        }
        if status in ("queued", "in_progress", "cancelled"):
            return response
        usage = {
            "input_tokens": self.input_tokens,
            "output_tokens": answer.output_tokens,
            "output_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
            "total_tokens": self.input_tokens + answer.output_tokens,
        }
        return {**response, "usage": usage, "meta": {"usage": self.cost(answer)}}


def _call_item(call: ScriptedToolCall) -> dict[str, Any]:
    return {
        "id": f"fc_{call.id.removeprefix('call_')}",
        "type": "function_call",
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments,
        "status": "completed",
    }
