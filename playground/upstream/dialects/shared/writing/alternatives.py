"""The choice between two ways to write ``messages``: OpenAI's messages and Anthropic's blocks.

Documents for Claude at ``chat/completions`` describe both, so neither way belongs to one dialect alone.
"""

from __future__ import annotations

from typing import Any

from playground.upstream.dialects.shared.transcript import Transcript, TranscriptRefused
from playground.upstream.dialects.shared.writing.accepts import Accepts
from playground.upstream.dialects.shared.writing.blocks import write_blocks
from playground.upstream.dialects.shared.writing.messages import write_messages
from playground.upstream.dialects.shared.writing.reasoning import thinking_blocks

Json = dict[str, Any]


def write_preferred(accepts: Accepts, transcript: Transcript, *, prefers_blocks: bool) -> Json:
    """Return the fields of the body that hold the transcript, in the first way that can hold it.

    Signed thoughts have a place in blocks only, so a transcript with such thoughts prefers blocks
    at every endpoint.

    :raises TranscriptRefused: no way can hold it; the reason is the one of the preferred way.
    """
    wants_blocks = prefers_blocks or any(thinking_blocks(turn) for turn in transcript)
    refusal: TranscriptRefused | None = None
    for shape in sorted(accepts.shapes, key=lambda shape: shape.has_blocks is not wants_blocks):
        # Where a schema says nothing about roles, messages are those of the dialect.
        has_no_tools = "tool" not in shape.roles or not shape.states_roles
        try:
            if shape.has_blocks or (prefers_blocks and has_no_tools):
                return write_blocks(shape, transcript, prefers_field=prefers_blocks)
            return write_messages(shape, transcript)
        except TranscriptRefused as error:
            refusal = refusal or error
    raise refusal or TranscriptRefused("The message format of this model isn't supported yet.")


def message_list(messages: list[Json]) -> Json:
    """Return the schema of a list of messages of these shapes."""
    return {"type": "array", "items": {"oneOf": messages}}
