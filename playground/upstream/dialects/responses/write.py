"""The writer of ``instructions`` and ``input`` of ``/v1/responses``.

The input is always the whole transcript. No item refers to state that a provider keeps, because an
answer may be edited or come from another model.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground.parameters.schema.validation import Validator
from playground.upstream.dialects.responses.parts import input_part
from playground.upstream.dialects.shared.transcript import (
    Role,
    Text,
    ToolCall,
    Transcript,
    TranscriptRefused,
    Turn,
    result_with_error,
    without_instructions,
)
from playground.upstream.dialects.shared.writing.accepts import Accepts
from playground.upstream.dialects.shared.writing.instructions import NO_ANSWERS, NO_TOOLS, SEPARATOR

Json = dict[str, Any]

_SPEAKERS = {Role.SYSTEM: "System", Role.USER: "User", Role.ASSISTANT: "Assistant"}


def write_input(accepts: Accepts, transcript: Transcript) -> Json:
    """Return the fields of the body that hold the transcript; raise ``TranscriptRefused``."""
    found: Json = {}
    if "instructions" in accepts.root:
        instructions, transcript = without_instructions(transcript)
        if instructions:
            found["instructions"] = instructions
    if accepts.input_item is None:
        return {**found, "input": _as_text(transcript)}
    items = [item for turn in transcript for item in _items(accepts.input_item, turn)]
    return {**found, "input": items}


def input_schema(messages: list[Json]) -> Json:
    """Return the schema of ``input``: a list of such items, or a text, which stands for one prompt."""
    return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"anyOf": messages}}]}


def _items(validator: Validator, turn: Turn) -> Iterator[Json]:
    if turn.role is Role.TOOL:
        yield _checked(validator, _result(turn), NO_TOOLS)
        return
    if turn.role is Role.ASSISTANT:
        # Encrypted reasoning precedes the answer that follows from it. Some models take none back.
        yield from (item for item in _reasoning_items(turn) if validator.is_valid(item))
        if turn.text:
            said = {"role": "assistant", "content": turn.text}
            yield _checked(validator, said, NO_ANSWERS)
        yield from (_checked(validator, _call(call), NO_TOOLS) for call in turn.tool_calls)
        return
    yield _message(validator, turn)


def _reasoning_items(turn: Turn) -> list[Json]:
    """Return OpenAI's encrypted items, as ``playground.upstream.events.ReasoningOpaque`` brought them.

    An item without its content could only be looked up on the server, where nothing is kept.
    https://platform.openai.com/docs/guides/reasoning
    """
    return [
        {
            "type": "reasoning",
            "id": str(item.get("id", "")),
            "summary": item["summary"] if isinstance(item.get("summary"), list) else [],
            "encrypted_content": item["encrypted_content"],
        }
        for item in turn.opaque
        if item.get("type") == "reasoning" and item.get("encrypted_content")
    ]


def _message(validator: Validator, turn: Turn) -> Json:
    role = str(turn.role)
    if all(isinstance(part, Text) for part in turn.parts):
        return _checked(validator, {"role": role, "content": turn.text}, "This model takes no text.")
    return {"role": role, "content": [input_part(validator, role, part) for part in turn.parts]}


def _call(call: ToolCall) -> Json:
    # The id of the item is left out: with it, the provider demands the reasoning of the item as well.
    if call.type == "custom":
        return {
            "type": "custom_tool_call",
            "call_id": call.id,
            "name": call.name,
            "input": call.arguments,
        }
    return {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments}


def _result(turn: Turn) -> Json:
    if any(not isinstance(part, Text) for part in turn.parts):
        raise TranscriptRefused("This model takes only text as the result of a tool.")
    return {"type": "function_call_output", "call_id": turn.call_id, "output": result_with_error(turn).text}


def _checked(validator: Validator, item: Json, why_not: str) -> Json:
    if not validator.is_valid(item):
        raise TranscriptRefused(why_not)
    return item


def _as_text(transcript: Transcript) -> str:
    """Return the transcript as one text: a single prompt unchanged, several turns as a script."""
    for turn in transcript:
        if turn.role is Role.TOOL or turn.tool_calls:
            raise TranscriptRefused(NO_TOOLS)
        if any(not isinstance(part, Text) for part in turn.parts) and turn.role is not Role.ASSISTANT:
            raise TranscriptRefused("This model takes text only.")
    if len(transcript) == 1:
        return transcript[0].text
    return SEPARATOR.join(f"{_SPEAKERS[turn.role]}: {turn.text}" for turn in transcript)
