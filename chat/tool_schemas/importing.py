"""Definitions of tools and of output schemas, read from JSON of any common shape.

One tool or a list of them, as any of the three endpoints takes them; a whole request; a response format; a
name with a schema; or a schema alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from chat.tool_schemas.reading import SchemaRefused, check_schema
from playground.parameters.schema.bundling import SchemaTooLarge, bundle
from playground.upstream.dialects.shared.parameters.tools import CUSTOM, NO_PARAMETERS, read_tool

Json = dict[str, Any]

TOOL, SCHEMA = "tool", "schema"
MOST = 500
_LONGEST_NAME = 64
_FITTING = re.compile(rf"[A-Za-z0-9_-]{{1,{_LONGEST_NAME}}}")
_LISTS = ("tools", "functions")
_FORMATS = ("response_format", "text", "output_config")
# Keywords by which a bare object is known to be a schema.
_MARKS = frozenset({"type", "properties", "$ref", "anyOf", "oneOf", "allOf", "$schema", "enum", "items"})


class DefinitionsRefused(SchemaRefused):
    """The text holds no definition of a tool or of a schema. The message says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A tool or an output schema that was found in a text. The name follows the rule of the APIs."""

    kind: str
    name: str
    description: str
    schema: Json
    is_strict: bool = False
    # Where it was found, for people: "GET /users/{id}", or the name before it was made to follow the rule.
    source: str = ""


def read_definitions(value: Any) -> list[Definition]:
    """Return all tools and schemas of a parsed JSON text, in their order.

    :raises DefinitionsRefused: there is none, or one of them cannot be read; the message names it.
    """
    found = list(_definitions(value))
    if not found:
        raise DefinitionsRefused(
            "No tool and no schema was found. Paste a tool, a list of tools, a JSON schema or an OpenAPI "
            "document."
        )
    if len(found) > MOST:
        raise DefinitionsRefused(f"At most {MOST} can be imported at once. Here are {len(found):,}.")
    return found


def read_request(body: Json) -> tuple[list[Definition], list[str]]:
    """Return the tools and the schema that a request was sent with, and why others of it cannot be read."""
    tools = [each for name in _LISTS if isinstance(body.get(name), list) for each in body[name]]
    found: list[Definition] = []
    refused: list[str] = []
    for place, each in enumerate(tools[:MOST], 1):
        if not is_hosted(each):
            _read_into(found, refused, partial(_one, each, f"Tool {place}"))
    for name in _FORMATS:
        _read_into(found, refused, partial(_format, body.get(name)))
    return found, refused


def _read_into(found: list[Definition], refused: list[str], read: Callable[[], Definition | None]) -> None:
    try:
        if (each := read()) is not None:
            found.append(each)
    except DefinitionsRefused as refusal:
        refused.append(str(refusal))


def _definitions(value: Any) -> Iterator[Definition]:
    if isinstance(value, list):
        for place, item in enumerate(value, 1):
            yield _one(item, f"Entry {place}")
        return
    if not isinstance(value, dict):
        return
    is_request = False
    for name in _LISTS:
        if isinstance(value.get(name), list):
            is_request = True
            yield from _definitions([each for each in value[name] if not is_hosted(each)])
    for name in _FORMATS:
        if (found := _format(value.get(name))) is not None:
            is_request = True
            yield found
    if not is_request and not _is_request(value):
        yield _one(value, "This JSON")


def _is_request(value: Json) -> bool:
    return "model" in value and bool({"messages", "input"} & value.keys())


def is_hosted(each: Any) -> bool:
    """Tell whether a provider runs a tool itself: it has a type of its own and no schema to keep."""
    return isinstance(each, dict) and read_tool(each) is None and isinstance(each.get("type"), str)


def _one(value: Any, where: str) -> Definition:
    if not isinstance(value, dict):
        raise DefinitionsRefused(f"{where} is no JSON object, so it is neither a tool nor a schema.")
    if (found := _format(value)) is not None:
        return found
    tool = read_tool(value)
    is_schema = _is_bare_schema(value) or isinstance(value.get("schema"), dict)
    if tool is not None and not is_schema:
        if tool.kind == CUSTOM:
            raise DefinitionsRefused(
                f"{where} is a custom tool, whose input is a text. The library has functions."
            )
        schema = NO_PARAMETERS if tool.parameters is None else tool.parameters
        return definition(TOOL, tool.name, tool.description, schema, is_strict=bool(tool.strict), where=where)
    if isinstance(value.get("schema"), dict) and isinstance(value.get("name"), str):
        return _schema_of(value)
    if _is_bare_schema(value):
        title, said = value.get("title"), value.get("description")
        name = title if isinstance(title, str) and title.strip() else "schema"
        return definition(SCHEMA, name, said if isinstance(said, str) else "", value, where=where)
    raise DefinitionsRefused(f"{where} is neither a tool nor a JSON schema. A tool needs a name.")


def _is_bare_schema(value: Json) -> bool:
    is_tool = bool({"parameters", "input_schema", "function"} & value.keys())
    kinds = ("object", "array", "string", "number", "integer", "boolean", "null")
    stated = value.get("type")
    is_typed = stated in kinds if isinstance(stated, str) else isinstance(stated, list)
    return not is_tool and bool(_MARKS & value.keys()) and (is_typed or "type" not in value)


def _format(value: Any) -> Definition | None:
    """Read a format of an answer in the shape of any endpoint."""
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("format"), dict):
        return _format(value["format"])
    if value.get("type") != "json_schema":
        return None
    inner = value.get("json_schema")
    return _schema_of(inner if isinstance(inner, dict) else value)


def _schema_of(value: Json) -> Definition:
    schema, name, said = value.get("schema"), value.get("name"), value.get("description")
    return definition(
        SCHEMA,
        name if isinstance(name, str) and name else "schema",
        said if isinstance(said, str) else "",
        schema if isinstance(schema, dict) else {},
        is_strict=value.get("strict") is True,
    )


def definition(
    kind: str,
    name: str,
    description: str,
    schema: Json,
    *,
    is_strict: bool = False,
    where: str = "",
    document: Json | None = None,
    source: str = "",
) -> Definition:
    """Make a definition: its references are bundled, its schema is checked and its name follows the rule.

    :raises DefinitionsRefused: the schema is none, or too large.
    """
    try:
        whole = bundle(schema, document if document is not None else schema)
        check_schema(whole)
    except SchemaTooLarge as error:
        raise DefinitionsRefused(f"The schema of “{name}” is {error}.") from error
    except SchemaRefused as error:
        raise DefinitionsRefused(f"{where or 'The schema'} (“{name}”): {error}") from error
    fitting = fitting_name(name, kind)
    return Definition(
        kind, fitting, description, whole, is_strict, source or (name if fitting != name else "")
    )


def fitting_name(name: str, instead: str = TOOL) -> str:
    """Return a name with the characters and the length that the APIs allow: itself, if it has them.

    >>> fitting_name("get the weather!"), fitting_name("Größe"), fitting_name("!"), fitting_name("mcp__a__b_")
    ('get_the_weather', 'Gr_e', 'tool', 'mcp__a__b_')
    """
    if _FITTING.fullmatch(name):
        return name
    return re.sub(r"[^A-Za-z0-9-]+", "_", name).strip("_")[:_LONGEST_NAME].strip("_") or instead


def numbered(name: str) -> Iterator[str]:
    """Yield the name, and then the name with each number from 2.

    >>> names = numbered("look_up")
    >>> next(names), next(names), next(names)
    ('look_up', 'look_up_2', 'look_up_3')
    """
    yield name
    for number in count(2):
        end = f"_{number}"
        yield f"{name[: _LONGEST_NAME - len(end)]}{end}"
