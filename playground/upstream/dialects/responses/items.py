"""The turns of a transcript as items of the ``input`` of ``/v1/responses``.

Some servers accept less than OpenAI, and none of them more. llama.cpp recognises an item by its ``type``,
and takes an answer only as ``output_text``; vLLM checks items with OpenAI's own types, where an answer
in that form has an id and a status. So each item is written in full, unless the schema has another form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from playground.parameters.schema.validation import Validator
from playground.upstream.dialects.responses.parts import input_part
from playground.upstream.dialects.responses.reasoning_items import parts_of
from playground.upstream.dialects.shared.transcript import (
    Role,
    Text,
    ToolCall,
    Transcript,
    TranscriptRefused,
    Turn,
    result_with_error,
)
from playground.upstream.dialects.shared.writing.instructions import NO_ANSWERS, NO_TOOLS

Json = dict[str, Any]

# OpenAI refuses longer ids of calls.
LONGEST_ID = 64


def call_id(found: str) -> str:
    """Shorten an id that OpenAI would refuse; some gateways make very long ones."""
    return found if len(found) <= LONGEST_ID else hashlib.sha256(found.encode("utf-8", "replace")).hexdigest()


class ItemWriter:
    """The writer of one transcript. ``validator`` is that of an item of the schema."""

    def __init__(self, validator: Validator) -> None:
        self._validator = validator
        # The schema describes no items, so it accepts anything.
        self._is_silent = validator.is_valid({})
        self._answers = 0
        self._custom_calls: set[str] = set()

    def write(self, transcript: Transcript) -> Iterator[Json]:
        """Yield the items; raise ``TranscriptRefused``."""
        for turn in transcript:
            if turn.role is Role.TOOL:
                yield self._first((self._result(turn),), NO_TOOLS)
            elif turn.role is Role.ASSISTANT:
                yield from self._answer(turn)
            else:
                yield self._message(turn)

    def _answer(self, turn: Turn) -> Iterator[Json]:
        # Encrypted reasoning precedes the answer that follows from it. Some models take none back.
        yield from (item for item in _reasoning_items(turn) if self._validator.is_valid(item))
        if turn.text:
            yield self._first(self._said(turn.text), NO_ANSWERS)
        for call in turn.tool_calls:
            if call.type == "custom":
                self._custom_calls.add(call.id)
            yield self._first((_call(call),), NO_TOOLS)

    def _said(self, text: str) -> Iterator[Json]:
        self._answers += 1
        plain = {"role": "assistant", "content": text}
        part = {"type": "output_text", "text": text}
        # OpenAI checks that the id begins like one of its own, not that it knows it.
        output = {
            "type": "message",
            "id": f"msg_{self._answers}",
            "status": "completed",
            "role": "assistant",
            "content": [{**part, "annotations": []}],
        }
        if self._is_silent:
            yield output
        yield {"type": "message", **plain}
        yield output
        yield {"type": "message", "role": "assistant", "content": [part]}
        yield plain

    def _message(self, turn: Turn) -> Json:
        role = str(turn.role)
        if all(isinstance(part, Text) for part in turn.parts):
            said: Json = {"role": role, "content": turn.text}
            return self._first(({"type": "message", **said}, said), "This model accepts no text.")
        said = {"role": role, "content": [input_part(self._validator, role, part) for part in turn.parts]}
        named = {"type": "message", **said}
        return named if self._validator.is_valid(named) else said

    def _result(self, turn: Turn) -> Json:
        if any(not isinstance(part, Text) for part in turn.parts):
            raise TranscriptRefused("This model accepts only text as the result of a tool.")
        kind = "custom_tool_call_output" if turn.call_id in self._custom_calls else "function_call_output"
        return {"type": kind, "call_id": turn.call_id, "output": result_with_error(turn).text}

    def _first(self, variants: Iterator[Json] | tuple[Json, ...], why_not: str) -> Json:
        """Return the first variant that the schema accepts."""
        for item in variants:
            if self._validator.is_valid(item):
                return item
        raise TranscriptRefused(why_not)


def _reasoning_items(turn: Turn) -> list[Json]:
    """Return OpenAI's encrypted items, as ``playground.upstream.events.ReasoningOpaque`` brought them.

    An item without its content could only be looked up on the server, where nothing is kept.
    https://platform.openai.com/docs/guides/reasoning
    """
    return [
        {
            "type": "reasoning",
            "id": str(item.get("id", "")),
            "summary": [
                {"type": "summary_text", "text": part["text"]}
                for part in parts_of(item.get("summary"))
                if isinstance(part.get("text"), str)
            ],
            "encrypted_content": item["encrypted_content"],
        }
        for item in turn.opaque
        if item.get("type") == "reasoning" and item.get("encrypted_content")
    ]


def _call(call: ToolCall) -> Json:
    # The id of the item is left out: with it, the provider demands the reasoning of the item as well.
    said = {"call_id": call.id, "name": call.name}
    if call.type == "custom":
        return {"type": "custom_tool_call", **said, "input": call.arguments}
    return {"type": "function_call", **said, "arguments": call.arguments or "{}"}
