"""The writer of ``system`` and ``messages`` as Anthropic has them: two roles that alternate, and blocks."""

from __future__ import annotations

import json
import re
from typing import Any

from playground.upstream.dialects.shared.call_ids import with_distinct_calls
from playground.upstream.dialects.shared.transcript import (
    Role,
    Text,
    ToolCall,
    Transcript,
    TranscriptRefused,
    Turn,
)
from playground.upstream.dialects.shared.writing.instructions import NO_ANSWERS, NO_TOOLS, place_instructions
from playground.upstream.dialects.shared.writing.parts import block_variants, content
from playground.upstream.dialects.shared.writing.reasoning import thinking_blocks
from playground.upstream.dialects.shared.writing.shapes import MessageShape, TranscriptShape
from playground.upstream.storable import storable

Json = dict[str, Any]

_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9_-]")


def write_blocks(
    transcript_shape: TranscriptShape, transcript: Transcript, *, prefers_field: bool = False
) -> Json:
    """Return the fields of the body that hold the transcript; raise ``TranscriptRefused``.

    :param prefers_field: the system prompt goes into ``system`` even where no schema lists that.
    """
    placed = place_instructions(transcript_shape, transcript, prefers_field=prefers_field)
    messages: list[Json] = []
    roles = {Role.ASSISTANT: Role.ASSISTANT, Role.SYSTEM: placed.system_role}
    for turn in with_distinct_calls(placed.turns, _id):
        role = str(roles.get(turn.role, Role.USER))
        shape = transcript_shape.roles.get(role)
        if shape is None:
            raise TranscriptRefused(NO_ANSWERS)
        said = _answer(shape, turn) if turn.role is Role.ASSISTANT else _prompt(shape, turn)
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] = _together(shape, messages[-1]["content"], said)
        else:
            messages.append({"role": role, "content": said})
    first = next((message for message in messages if message["role"] != placed.system_role), None)
    if first is not None and first["role"] != Role.USER:
        raise TranscriptRefused("This model needs a prompt at the start of the conversation.")
    return {**placed.field, "messages": messages}


def _prompt(shape: MessageShape, turn: Turn) -> str | list[Json]:
    parts = turn.parts or (Text(""),)
    if turn.role is not Role.TOOL:
        return content(shape, parts, block_variants)
    result: Json = {"type": "tool_result", "tool_use_id": turn.call_id}
    if turn.is_error:
        result["is_error"] = True
    if any(not isinstance(part, Text) for part in turn.parts):
        blocks = [next(block_variants(part), None) for part in turn.parts]
        result["content"] = blocks
        if None in blocks or not _fits(shape, result):
            raise TranscriptRefused("This model does not accept this file as the result of a tool.")
    else:
        result["content"] = turn.text
    return [_checked(shape, result)]


def _answer(shape: MessageShape, turn: Turn) -> str | list[Json]:
    words = [part.text for part in turn.parts if isinstance(part, Text) and part.text]
    if not turn.tool_calls:
        return content(shape, tuple(map(Text, words)), block_variants)
    # Thinking blocks must precede the calls again, unchanged.
    blocks = [block for block in thinking_blocks(turn) if _fits(shape, block)]
    if words:
        blocks.append({"type": "text", "text": "\n\n".join(words)})
    blocks += [_checked(shape, _call(call)) for call in turn.tool_calls]
    return _counted(shape, blocks)


def _call(call: ToolCall) -> Json:
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": _arguments(call.arguments)}


def _arguments(text: str) -> Json:
    """Return the arguments as an object, which the API requires; other text becomes a field of one."""
    try:
        found = storable(json.loads(text or "{}"))
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {"arguments": text}


def _id(call_id: str) -> str:
    """Replace the characters that the API refuses; ids of other vendors may have them."""
    return _NOT_IN_IDS.sub("_", call_id)


def _together(shape: MessageShape, first: str | list[Json], then: str | list[Json]) -> str | list[Json]:
    if isinstance(first, str) and isinstance(then, str):
        return f"{first}\n\n{then}"
    return _counted(shape, [*_as_blocks(first), *_as_blocks(then)])


def _as_blocks(said: str | list[Json]) -> list[Json]:
    return [{"type": "text", "text": said}] if isinstance(said, str) else said


def _counted(shape: MessageShape, blocks: list[Json]) -> list[Json]:
    if shape.most_parts is not None and len(blocks) > shape.most_parts:
        raise TranscriptRefused(f"This model accepts at most {shape.most_parts} parts in one message.")
    return blocks


def _checked(shape: MessageShape, block: Json) -> Json:
    if not _fits(shape, block):
        raise TranscriptRefused(NO_TOOLS)
    return block


def _fits(shape: MessageShape, block: Json) -> bool:
    return shape.part is not None and shape.part.is_valid(block)
