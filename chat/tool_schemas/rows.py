"""A JSON schema as rows, one for each property, and the rows as a schema again.

Rows express types, descriptions, allowed values, required and nested properties. Everything else is kept:
keywords beside a known type are in ``Row.rest``, and a schema that no row expresses is one of the kind
``JSON``. Reading checks that writing returns the same schema, so nothing is ever dropped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

Schema = dict[str, Any]

# The deepest level of rows: the properties of the schema itself are the first.
MAX_LEVEL = 5
# A schema with more rows than this is edited as JSON alone: a form has a limited number of fields.
MAX_ROWS = 300

ANY, JSON, OBJECT, ARRAY = "any", "json", "object", "array"
TYPES = ("string", "number", "integer", "boolean", ARRAY, OBJECT)
# Keywords that say nothing when they are empty.
_EMPTY: Schema = {"properties": {}, "required": [], "description": "", "items": {}}
# Keywords whose content is a value, and those whose content has names of its own.
_DATA = frozenset({"enum", "const", "default", "example", "examples"})
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
# Kinds that may have a list of allowed values.
LISTED = ("string", "number", "integer")


@dataclass(frozen=True, slots=True)
class Row:
    """A property, the item of an array, or the whole schema, which has no name."""

    kind: str = "string"
    name: str = ""
    is_required: bool = False
    # Whether null is allowed beside the type.
    is_nullable: bool = False
    description: str = ""
    # The allowed values; empty if all are.
    values: tuple[str | int | float, ...] = ()
    rows: tuple[Row, ...] = ()
    # The items of an array; None if anything may be one.
    item: Row | None = None
    # Whether an object may have no other properties.
    is_closed: bool = False
    # Keywords that the row has no place for, unchanged.
    rest: Schema = field(default_factory=dict)
    # The whole schema of a row of the kind JSON.
    value: Any = None


def read_schema(schema: Any) -> Row:
    """Return the rows of a whole schema; one of the kind JSON if it is no object, or too large for rows."""
    row = _read(schema, 0)
    is_shown = row.kind == OBJECT and not row.is_nullable and count(row) <= MAX_ROWS
    return row if is_shown else Row(JSON, value=schema)


def read_row(schema: Any, level: int = 1, name: str = "", *, is_required: bool = False) -> Row:
    """Return the row of one property."""
    return replace(_read(schema, level), name=name, is_required=is_required)


def write_row(row: Row) -> Any:
    """Return the schema of a row. Rows inside it without a name are left out."""
    if row.kind == JSON:
        return row.value
    schema: Schema = {}
    if row.kind != ANY:
        schema["type"] = [row.kind, "null"] if row.is_nullable else row.kind
    if row.description:
        schema["description"] = row.description
    if row.values:
        schema["enum"] = [*row.values, None] if row.is_nullable else list(row.values)
    if row.kind == OBJECT:
        schema |= _write_object(row)
    if row.kind == ARRAY and row.item is not None:
        schema["items"] = write_row(row.item)
    return schema | {name: value for name, value in row.rest.items() if name != "required"}


def _write_object(row: Row) -> Schema:
    named = [child for child in row.rows if child.name]
    schema: Schema = {"properties": {child.name: write_row(child) for child in named}}
    # Required names without a property are a part of the rest.
    required = [*(child.name for child in named if child.is_required), *row.rest.get("required", ())]
    if required:
        schema["required"] = required
    if row.is_closed:
        schema["additionalProperties"] = False
    return schema


def count(row: Row) -> int:
    """Return the number of rows inside a row."""
    inner = [*row.rows, *((row.item,) if row.item is not None else ())]
    return sum(1 + count(child) for child in inner)


def normal(schema: Any) -> Any:
    """Return a schema without differences that mean nothing: empty parts, and the order of keywords.

    The order of properties stays: models write their arguments in it.
    """
    if isinstance(schema, list):
        return [normal(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _normal_part(name, schema[name]) for name in sorted(schema)}
    return {name: value for name, value in found.items() if name not in _EMPTY or value != _EMPTY[name]}


def _normal_part(name: str, value: Any) -> Any:
    if name in _DATA:
        return value
    if name in _NAMED and isinstance(value, dict):
        return {key: normal(schema) for key, schema in value.items()}
    if name == "required" and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return sorted(set(value))
    return normal(value)


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two schemas say the same. ``True`` and ``1`` differ, as they do in JSON."""
    return signature(one) == signature(other)


def signature(schema: Any) -> str:
    """Return a text that schemas with the same meaning share."""
    return json.dumps(normal(schema), ensure_ascii=True)


def _read(schema: Any, level: int) -> Row:
    row = _row(schema, level) if isinstance(schema, dict) and level <= MAX_LEVEL else None
    if row is None or not is_same(write_row(row), schema):
        return Row(JSON, value=schema)
    return row


def _row(schema: Schema, level: int) -> Row | None:
    """Return the row of a schema, as far as rows express it; None if they do not."""
    rest = dict(schema)
    if "type" not in rest and not rest.keys() <= {"description"}:
        return None
    kind, is_nullable = _kind(rest.pop("type", ANY))
    description = rest.pop("description", "")
    # Browsers change carriage returns in a text area.
    if kind not in (*TYPES, ANY) or not isinstance(description, str) or "\r" in description:
        return None
    row = Row(kind, is_nullable=is_nullable, description=description)
    if kind in LISTED and isinstance(rest.get("enum"), list):
        row = replace(row, values=_values(rest.pop("enum"), kind, is_nullable=is_nullable))
    if kind == ARRAY and "items" in rest and level < MAX_LEVEL:
        row = replace(row, item=_read(rest.pop("items"), level + 1))
    if kind == OBJECT:
        inner = _inner(rest, level)
        if inner is None:
            return None
        rows, is_closed = inner
        row = replace(row, rows=rows, is_closed=is_closed)
    return replace(row, rest=rest)


def _kind(stated: Any) -> tuple[str, bool]:
    if isinstance(stated, list) and len(stated) == 2 and stated[1] == "null" and isinstance(stated[0], str):
        return stated[0], True
    return (stated if isinstance(stated, str) else ""), False


def _values(listed: list[Any], kind: str, *, is_nullable: bool) -> tuple[str | int | float, ...]:
    """Return the allowed values; none if a box with one value in each line could not hold them."""
    if is_nullable and listed and listed[-1] is None:
        listed = listed[:-1]
    return tuple(listed) if listed and all(_is_line(value, kind) for value in listed) else ()


def _is_line(value: Any, kind: str) -> bool:
    if kind == "string":
        return isinstance(value, str) and value == value.strip() != "" and value.isprintable()
    # Numbers are written as JSON in the box.
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_name(text: str) -> bool:
    """Tell whether a box of one line can hold a name; an empty one belongs to an unfinished row."""
    return text == text.strip() != "" and text.isprintable()


def _inner(rest: Schema, level: int) -> tuple[tuple[Row, ...], bool] | None:
    """Take the properties of an object out of ``rest``; return None if rows cannot show them."""
    properties, required = rest.get("properties", {}), rest.get("required", [])
    is_list = isinstance(required, list) and all(isinstance(name, str) for name in required)
    if not isinstance(properties, dict) or not is_list or not all(map(_is_name, properties)):
        return None
    if properties and level >= MAX_LEVEL:
        return None
    rest.pop("properties", None)
    rest.pop("required", None)
    if ghosts := [name for name in required if name not in properties]:
        rest["required"] = ghosts
    is_closed = rest.get("additionalProperties") is False
    if is_closed:
        del rest["additionalProperties"]
    rows = tuple(
        read_row(schema, level + 1, name, is_required=name in required) for name, schema in properties.items()
    )
    return rows, is_closed
