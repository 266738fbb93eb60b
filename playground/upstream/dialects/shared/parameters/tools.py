"""The parameters ``tools`` and ``tool_choice``, apart from the shape that each dialect gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

FUNCTION, CUSTOM = "function", "custom"
# The schema of a function without parameters, for dialects that demand one.
NO_PARAMETERS: Json = {"type": "object", "properties": {}}


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the user runs: a function, or a custom tool, whose input is a text."""

    name: str
    description: str = ""
    kind: str = FUNCTION
    parameters: Json | None = None
    strict: bool | None = None
    # The format of a custom tool's input, as /v1/responses has it.
    format: Json | None = None


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """``mode`` is "none", "auto", "required", or "named" for the tool with that name."""

    mode: str
    name: str = ""
    kind: str = FUNCTION
    is_parallel: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolShapes:
    """The shapes that a dialect gives to tools; None stands for one that it has no shape for."""

    write_tool: Callable[[Tool], Json | None]
    write_choice: Callable[[ToolChoice], Any]
    # Whether the dialect's provider runs tools of this type itself.
    runs: Callable[[str], bool]


def read_tool(found: object) -> Tool | None:
    """Read a tool in the shape of any dialect; return None for one that a provider runs."""
    if not isinstance(found, dict):
        return None
    kind = found.get("type", FUNCTION)
    inner = found.get(kind) if isinstance(kind, str) and kind in (FUNCTION, CUSTOM) else None
    said = inner if isinstance(inner, dict) else found
    name, schema = said.get("name"), said.get("parameters")
    if "input_schema" in said and kind in (FUNCTION, CUSTOM):
        # Anthropic calls its functions custom tools.
        kind, schema = FUNCTION, said["input_schema"]
    if kind not in (FUNCTION, CUSTOM) or not isinstance(name, str):
        return None
    description, strict = said.get("description"), said.get("strict")
    return Tool(
        name,
        description if isinstance(description, str) else "",
        kind,
        schema if isinstance(schema, dict) else None,
        strict if isinstance(strict, bool) else None,
        _flat_format(said.get("format")) if kind == CUSTOM else None,
    )


def read_choice(found: object) -> ToolChoice | None:
    """Read a choice in the shape of any dialect; return None for one that has no common meaning."""
    if isinstance(found, str):
        return ToolChoice(found) if found in ("none", "auto", "required") else None
    kind = found.get("type") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(kind, str):
        return None
    is_parallel = found.get("disable_parallel_tool_use") is not True
    if kind in ("auto", "none", "any"):
        return ToolChoice({"any": "required"}.get(kind, kind), is_parallel=is_parallel)
    inner = found.get(kind)
    # Some endpoints name the function itself where others have an object.
    name = inner if isinstance(inner, str) else (inner if isinstance(inner, dict) else found).get("name")
    if kind not in (FUNCTION, CUSTOM, "tool") or not isinstance(name, str):
        return None
    return ToolChoice("named", name, CUSTOM if kind == CUSTOM else FUNCTION, is_parallel)


def described(tool: Tool) -> Json:
    """Return the fields that all dialects have."""
    return {"name": tool.name, **({"description": tool.description} if tool.description else {})}


def _flat_format(found: object) -> Json | None:
    if not isinstance(found, dict):
        return None
    grammar = found.get("grammar")
    return {"type": "grammar", **grammar} if isinstance(grammar, dict) else found
