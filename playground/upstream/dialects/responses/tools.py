"""The shapes of tools at ``/v1/responses``: everything about one is beside its type."""

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

# https://platform.openai.com/docs/api-reference/responses/create#responses-create-tools
_HOSTED = frozenset(
    {
        *("web_search", "web_search_preview", "file_search", "computer", "computer_use_preview"),
        *("code_interpreter", "image_generation", "mcp", "local_shell", "shell", "apply_patch"),
        *("tool_search", "x_search"),
    }
)


def _write_tool(tool: Tool) -> Json:
    said = {"type": tool.kind, **described(tool)}
    if tool.kind == CUSTOM:
        return {**said, "format": tool.format} if tool.format is not None else said
    # Unless it is told, this endpoint takes functions as strict, and the others do not.
    return {**said, "parameters": tool.parameters, "strict": bool(tool.strict)}


def _write_choice(choice: ToolChoice) -> Any:
    return choice.mode if choice.mode != "named" else {"type": choice.kind, "name": choice.name}


def _runs(kind: str) -> bool:
    # Preview versions have a date: web_search_preview_2025_03_11.
    return kind in _HOSTED or kind.startswith("web_search_preview_")


SHAPES = ToolShapes(write_tool=_write_tool, write_choice=_write_choice, runs=_runs)
