"""The typed event of ``/v1/responses``, as far as it is read."""

from __future__ import annotations

from typing import Any

import msgspec


class ResponseFrame(msgspec.Struct, gc=False):
    """An event of ``/v1/responses``. Its ``type`` repeats the name of the server-sent event."""

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


decode = msgspec.json.Decoder(ResponseFrame).decode


def from_object(found: dict[str, Any]) -> ResponseFrame:
    return ResponseFrame(**{name: found.get(name) for name in ResponseFrame.__struct_fields__})
