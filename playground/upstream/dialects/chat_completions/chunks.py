"""The typed chunk of a chat completion, as far as it is read.

The decoder skips what is not in these classes without building it. A value of an unexpected type
must not cost the rest of the chunk, so nearly every field may be of any type.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Delta(msgspec.Struct, gc=False):
    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    thinking: Any = None
    text: Any = None
    reasoning_details: Any = None
    thinking_blocks: Any = None
    encrypted_content: Any = None
    extra_content: Any = None
    tool_calls: Any = None
    function_call: Any = None
    refusal: Any = None
    audio: Any = None
    images: Any = None
    annotations: Any = None
    error: Any = None


class ChunkChoice(msgspec.Struct, gc=False):
    index: Any = 0
    delta: Delta | None = None
    message: Delta | None = None
    # The field of the older endpoint for completions; some servers send it here as well.
    text: Any = None
    error: Any = None
    finish_reason: Any = None
    native_finish_reason: Any = None
    logprobs: Any = None
    usage: Any = None


class Chunk(msgspec.Struct, gc=False):
    id: Any = None
    model: Any = None
    choices: list[ChunkChoice] | None = None
    usage: Any = None
    meta: Any = None
    system_fingerprint: Any = None
    service_tier: Any = None
    citations: Any = None
    search_results: Any = None
    x_groq: Any = None
    error: Any = None
    # MiniMax's code and words.
    base_resp: Any = None


KNOWN_KEYS = frozenset(Chunk.__struct_fields__)

decode = msgspec.json.Decoder(Chunk).decode


def from_object(found: dict[str, Any]) -> Chunk:
    """Build a chunk from JSON whose skeleton may be broken, keeping the parts that are not."""
    fields = {name: found.get(name) for name in Chunk.__struct_fields__}
    choices = fields["choices"]
    fields["choices"] = (
        [_choice(item) for item in choices if isinstance(item, dict)] if isinstance(choices, list) else None
    )
    return Chunk(**fields)


def _choice(found: dict[str, Any]) -> ChunkChoice:
    return ChunkChoice(
        index=found.get("index", 0),
        delta=_delta(found.get("delta")),
        message=_delta(found.get("message")),
        text=found.get("text"),
        error=found.get("error"),
        finish_reason=found.get("finish_reason"),
        native_finish_reason=found.get("native_finish_reason"),
        logprobs=found.get("logprobs"),
        usage=found.get("usage"),
    )


def _delta(found: object) -> Delta | None:
    if isinstance(found, str):
        return Delta(content=found)
    if not isinstance(found, dict):
        return None
    return Delta(**{name: found.get(name) for name in Delta.__struct_fields__})
