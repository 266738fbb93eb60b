"""The shapes of tools at ``/v1/messages``."""

from __future__ import annotations

import re
from typing import Any

from playground.upstream.dialects.shared.parameters.tools import (
    CUSTOM,
    NO_PARAMETERS,
    Tool,
    ToolChoice,
    ToolShapes,
    described,
)

Json = dict[str, Any]

# Anthropic's own tools have the date of their version: web_search_20250305, bash_20250124.
_DATED = re.compile(r"_20\d{6}$")
_MODES = {"auto": "auto", "none": "none", "required": "any", "named": "tool"}


def _write_tool(tool: Tool) -> Json | None:
    if tool.kind == CUSTOM:
        return None
    return {**described(tool), "input_schema": tool.parameters or NO_PARAMETERS}


def _write_choice(choice: ToolChoice) -> Any:
    if choice.kind == CUSTOM:
        return None
    said: Json = {"type": _MODES[choice.mode]}
    if choice.name:
        said["name"] = choice.name
    if not choice.is_parallel and choice.mode != "none":
        said["disable_parallel_tool_use"] = True
    return said


SHAPES = ToolShapes(
    write_tool=_write_tool,
    write_choice=_write_choice,
    runs=lambda kind: _DATED.search(kind) is not None,
)
