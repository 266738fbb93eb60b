"""The typed events of ``/v1/responses`` and ``/v1/messages`` as far as we read them."""

from __future__ import annotations

from typing import Any

import msgspec


class ResponseFrame(msgspec.Struct, gc=False):
    """One event of ``/v1/responses``. ``type`` tells what it is; the name of the event is not needed."""

    type: Any = None
    delta: Any = None
    item_id: Any = None
    output_index: Any = None
    content_index: Any = None
    summary_index: Any = None
    logprobs: Any = None
    text: Any = None
    refusal: Any = None
    item: Any = None
    annotation: Any = None
    response: Any = None
    usage: Any = None
    meta: Any = None


class BlockDelta(msgspec.Struct, gc=False):
    type: Any = None
    text: Any = None
    thinking: Any = None
    partial_json: Any = None
    signature: Any = None
    citation: Any = None
    stop_reason: Any = None


class MessageFrame(msgspec.Struct, gc=False):
    """One event of ``/v1/messages``."""

    type: Any = None
    index: Any = None
    delta: BlockDelta | None = None
    content_block: Any = None
    message: Any = None
    usage: Any = None
    meta: Any = None


decode_response_frame = msgspec.json.Decoder(ResponseFrame).decode
decode_message_frame = msgspec.json.Decoder(MessageFrame).decode


def response_frame(found: dict[str, Any]) -> ResponseFrame:
    return ResponseFrame(**{name: found.get(name) for name in ResponseFrame.__struct_fields__})


def message_frame(found: dict[str, Any]) -> MessageFrame:
    fields = {name: found.get(name) for name in MessageFrame.__struct_fields__}
    delta = fields["delta"]
    fields["delta"] = (
        BlockDelta(**{name: delta.get(name) for name in BlockDelta.__struct_fields__})
        if isinstance(delta, dict)
        else None
    )
    return MessageFrame(**fields)
