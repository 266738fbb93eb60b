"""The typed event of ``/v1/messages``, as far as it is read."""

from __future__ import annotations

from typing import Any

import msgspec


class BlockDelta(msgspec.Struct, gc=False):
    type: Any = None
    text: Any = None
    thinking: Any = None
    partial_json: Any = None
    signature: Any = None
    citation: Any = None
    stop_reason: Any = None


class MessageFrame(msgspec.Struct, gc=False):
    """An event of ``/v1/messages``."""

    type: Any = None
    index: Any = None
    delta: BlockDelta | None = None
    content_block: Any = None
    message: Any = None
    usage: Any = None
    meta: Any = None


decode = msgspec.json.Decoder(MessageFrame).decode


def from_object(found: dict[str, Any]) -> MessageFrame:
    fields = {name: found.get(name) for name in MessageFrame.__struct_fields__}
    delta = fields["delta"]
    fields["delta"] = (
        BlockDelta(**{name: delta.get(name) for name in BlockDelta.__struct_fields__})
        if isinstance(delta, dict)
        else None
    )
    return MessageFrame(**fields)
