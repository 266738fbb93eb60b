"""Parameters of one endpoint in the shapes of another.

Endpoints share many parameters and write some of them in their own way. Only what has a clear equivalent
is translated. Everything else stays as it is, and the schema of the new endpoint decides about it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from playground.upstream.dialects.registry import dialect_of, dialects
from playground.upstream.dialects.shared.parameters.formats import move_formats
from playground.upstream.dialects.shared.parameters.renaming import (
    CONTAINERS,
    move_efforts,
    move_lengths,
    move_stops,
    move_verbosities,
)
from playground.upstream.dialects.shared.parameters.tools import (
    ToolChoice,
    ToolShapes,
    read_choice,
    read_tool,
)

Json = dict[str, Any]

_MOVES = (move_lengths, move_stops, move_efforts, move_formats, move_verbosities)


@dataclass(frozen=True, slots=True)
class Untranslated:
    """A value that has no equivalent, with the reason as a sentence."""

    name: str
    value: Any
    reason: str


@dataclass(slots=True)
class Translated:
    parameters: Json
    # The old and the new name of each parameter with another name or another shape.
    changed: list[tuple[str, str]] = field(default_factory=list)
    left: list[Untranslated] = field(default_factory=list)


def translate(source: str, kind: str, offered: Collection[str], parameters: Mapping[str, Any]) -> Translated:
    """Translate parameters from the endpoint ``source`` for one of the kind ``kind``.

    :param offered: the names of all parameters of the new endpoint.
    """
    found = Translated(dict(parameters))
    for move in _MOVES:
        found.changed += move(found.parameters, offered)
    shapes = dialect_of(kind).tools
    if source != kind and shapes is not None:
        _translate_tools(found, shapes, source, kind)
        _translate_choice(found, shapes, kind, offered)
    return found


def joined(earlier: Mapping[str, Any], current: Mapping[str, Any]) -> Json:
    """Add parameters that were set aside to the current ones, which win.

    Of some parameters a part may have been set aside: tools, and fields of certain objects.
    """
    found = {**earlier, **current}
    for name in ("tools", *CONTAINERS):
        before, now = earlier.get(name), current.get(name)
        if isinstance(before, list) and isinstance(now, list):
            found[name] = [*now, *(each for each in before if each not in now)]
        elif isinstance(before, dict) and isinstance(now, dict):
            found[name] = {**before, **now}
    return found


def _translate_tools(found: Translated, shapes: ToolShapes, source: str, kind: str) -> None:
    tools = found.parameters.get("tools")
    if not isinstance(tools, list):
        return
    kept, left = [], []
    for each in tools:
        tool = read_tool(each)
        written = _hosted(each, shapes) if tool is None else shapes.write_tool(tool)
        if written is None:
            left.append(Untranslated("tools", [each], _why_not(each, source, kind)))
        else:
            kept.append(written)
    found.left += left
    if kept != tools:
        found.changed.append(("tools", "tools"))
        del found.parameters["tools"]
        if kept:
            found.parameters["tools"] = kept
        elif "tool_choice" in found.parameters:
            choice = found.parameters.pop("tool_choice")
            found.left.append(Untranslated("tool_choice", choice, "No tool is left to choose."))


def _hosted(each: object, shapes: ToolShapes) -> Any:
    kind = each.get("type") if isinstance(each, dict) else None
    return each if isinstance(kind, str) and shapes.runs(kind) else None


def _why_not(each: object, source: str, kind: str) -> str:
    tool = read_tool(each)
    if tool is not None:
        return f"The custom tool “{tool.name}” has no equivalent at {kind}."
    named = each.get("type") if isinstance(each, dict) else None
    if not isinstance(named, str):
        return f"This tool has no equivalent at {kind}."
    owner = next((name for name in _owners(named) if name != kind), source)
    return f"The tool “{named[:60]}” exists at {owner} only."


def _owners(named: str) -> Iterator[str]:
    return (each.kind for each in dialects() if each.tools is not None and each.tools.runs(named))


def _translate_choice(found: Translated, shapes: ToolShapes, kind: str, offered: Collection[str]) -> None:
    """Translate the choice of a tool. Anthropic says there whether several may be called at once."""
    parameters = found.parameters
    given, is_parallel = parameters.get("tool_choice"), parameters.get("parallel_tool_calls")
    choice = ToolChoice("auto") if given is None else read_choice(given)
    written = None if choice is None else shapes.write_choice(choice)
    tools = parameters.get("tools")
    known = map(read_tool, tools if isinstance(tools, list) else ())
    names = {tool.name for tool in known if tool is not None}
    if choice is None or written is None or (choice.name and choice.name not in names):
        del parameters["tool_choice"]
        found.left.append(Untranslated("tool_choice", given, f"This choice has no equivalent at {kind}."))
        return
    if "parallel_tool_calls" in offered:
        if not choice.is_parallel and is_parallel is None:
            parameters["parallel_tool_calls"] = False
            found.changed.append(("tool_choice", "parallel_tool_calls"))
    elif isinstance(is_parallel, bool) and names:
        one = shapes.write_choice(replace(choice, is_parallel=False))
        if one != written:
            del parameters["parallel_tool_calls"]
            if not is_parallel:
                parameters["tool_choice"] = one
                found.changed.append(("parallel_tool_calls", "tool_choice"))
                return
    if given is not None and written != given:
        parameters["tool_choice"] = written
        found.changed.append(("tool_choice", "tool_choice"))
