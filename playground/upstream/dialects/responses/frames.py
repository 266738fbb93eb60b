"""The typed event of ``/v1/responses``, as far as it is read."""

from __future__ import annotations

from typing import Any

import msgspec

# Events without content of their own: it comes with the item, and once more at the end.
SILENT_EVENTS = frozenset(
    f"response.{family}.{step}"
    for family, steps in {
        "code_interpreter_call": "in_progress interpreting completed",
        "code_interpreter_call_code": "delta done",
        "file_search_call": "in_progress searching completed",
        "web_search_call": "in_progress searching completed",
        "image_generation_call": "in_progress generating completed partial_image",
        "mcp_call": "in_progress completed failed",
        "mcp_call_arguments": "delta done",
        "mcp_list_tools": "in_progress completed failed",
        "content_part": "added done",
        "reasoning_summary_part": "added done",
        "reasoning_summary_text": "done",
        "reasoning_text": "done",
        "audio": "done",
        "audio.transcript": "done",
    }.items()
    for step in steps.split()
)


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
    arguments: Any = None
    input: Any = None
    refusal: Any = None
    item: Any = None
    annotation: Any = None
    response: Any = None
    usage: Any = None
    meta: Any = None


decode = msgspec.json.Decoder(ResponseFrame).decode


def from_object(found: dict[str, Any]) -> ResponseFrame:
    return ResponseFrame(**{name: found.get(name) for name in ResponseFrame.__struct_fields__})
