"""Questions about a schema without references: its type, its constants, whether it means null."""

from __future__ import annotations

from typing import Any

from playground.parameters.schema.merging import without_annotations
from playground.parameters.schema.resolving import ORIGIN
from playground.parameters.schema.translate import Schema

_IMPLIED = {
    "object": ("properties", "patternProperties"),
    "array": ("prefixItems", "items"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("pattern", "minLength", "maxLength"),
}


def type_of(schema: Schema) -> str | None:
    """Return the stated type, or the one that the keywords imply where none is stated."""
    if stated := schema.get("type"):
        return str(stated)
    kinds = [kind for kind, keys in _IMPLIED.items() if any(key in schema for key in keys)]
    return kinds[0] if len(kinds) == 1 else None


def is_null(schema: Schema) -> bool:
    return schema.get("type") == "null" or ("const" in schema and schema["const"] is None)


def constants_of(schema: Schema) -> list[Any] | None:
    """Return the only values that the schema accepts, None if it does not list them."""
    if "const" in schema:
        return [schema["const"]]
    if "enum" in schema:
        return list(schema["enum"])
    return [True, False] if schema.get("type") == "boolean" else None


def properties_of(schema: Schema) -> dict[str, Schema]:
    """Return the properties that have a schema, and those that are only named as required."""
    properties: dict[str, Schema] = schema.get("properties", {})
    more = schema.get("additionalProperties")
    unnamed = [name for name in schema.get("required", ()) if name not in properties]
    return {**properties, **{name: more or {} for name in unnamed if more is not False}}


def is_text_or_texts(branches: list[Schema]) -> bool:
    """Tell whether the branches are one text or a list of texts, as for ``stop``."""
    if len(branches) != 2 or {branch.get("type") for branch in branches} != {"string", "array"}:
        return False
    text, texts = sorted(branches, key=lambda branch: branch["type"] == "array")
    return set(_shape(text)) == {"type"} and _shape(texts.get("items") or {}) == {"type": "string"}


def _shape(schema: Schema) -> Schema:
    return {key: value for key, value in without_annotations(schema).items() if key != ORIGIN}
