"""The shapes of tools at ``/v1/chat/completions``: everything about one is in a field named by its type."""

from __future__ import annotations

from typing import Any

from playground.upstream.dialects.shared.parameters.tools import (
    CUSTOM,
    Tool,
    ToolChoice,
    ToolShapes,
    described,
)

Json = dict[str, Any]


def _write_tool(tool: Tool) -> Json:
    said = described(tool)
    if tool.kind == CUSTOM:
        if tool.format is not None:
            said["format"] = _nested(tool.format)
        return {"type": CUSTOM, CUSTOM: said}
    if tool.parameters is not None:
        said["parameters"] = tool.parameters
    if tool.strict:
        said["strict"] = True
    return {"type": tool.kind, tool.kind: said}


def _nested(found: Json) -> Json:
    if found.get("type") != "grammar":
        return found
    return {"type": "grammar", "grammar": {name: found[name] for name in found if name != "type"}}


def _write_choice(choice: ToolChoice) -> Any:
    if choice.mode != "named":
        return choice.mode
    return {"type": choice.kind, choice.kind: {"name": choice.name}}


SHAPES = ToolShapes(write_tool=_write_tool, write_choice=_write_choice, runs=lambda _: False)
