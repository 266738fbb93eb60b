"""The writer of ``instructions`` and ``input`` of ``/v1/responses``.

The input is always the whole transcript. No item refers to state that a provider keeps, because an
answer may be edited or come from another model.
"""

from __future__ import annotations

from typing import Any

from playground.upstream.dialects.responses.items import ItemWriter, call_id
from playground.upstream.dialects.shared.call_ids import with_distinct_calls
from playground.upstream.dialects.shared.transcript import (
    Role,
    Text,
    Transcript,
    TranscriptRefused,
    without_instructions,
)
from playground.upstream.dialects.shared.writing.accepts import Accepts
from playground.upstream.dialects.shared.writing.instructions import NO_TOOLS, SEPARATOR

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
    writer = ItemWriter(accepts.input_item)
    return {**found, "input": list(writer.write(with_distinct_calls(transcript, call_id)))}


def input_schema(messages: list[Json]) -> Json:
    """Return the schema of ``input``: a list of such items, or a text, which stands for one prompt."""
    return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"anyOf": messages}}]}


def _as_text(transcript: Transcript) -> str:
    """Return the transcript as one text: a single prompt unchanged, several turns as a script."""
    for turn in transcript:
        if turn.role is Role.TOOL or turn.tool_calls:
            raise TranscriptRefused(NO_TOOLS)
        if any(not isinstance(part, Text) for part in turn.parts) and turn.role is not Role.ASSISTANT:
            raise TranscriptRefused("This model accepts text only.")
    if len(transcript) == 1:
        return transcript[0].text
    return SEPARATOR.join(f"{_SPEAKERS[turn.role]}: {turn.text}" for turn in transcript)
