"""Schemas in one spelling, so that equivalent schemas compare equal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from playground.parameters.schema.other_documents import KEYWORD, other_documents
from playground.parameters.schema.translate import to_json_schema

# Annotations and formats, which do not affect which values are valid.
_WORDS = frozenset({"title", "description", "example", "examples", "deprecated", "format", "$defs"})


def plain(schema: Any) -> Any:
    """Translate a published or stored schema and remove its references and annotations."""
    translated = to_json_schema(schema)
    return _plain(translated, translated.get("$defs", {}))


def of_one_document(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a bundled schema as the document that it follows has it, without what others add or widen."""
    marks = other_documents(schema)
    properties = {
        name: child["anyOf"][0] if name in marks.widens else child
        for name, child in schema["properties"].items()
        if name not in marks.adds
    }
    return {**{key: value for key, value in schema.items() if key != KEYWORD}, "properties": properties}


def _plain(schema: Any, definitions: dict[str, Any]) -> Any:
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _plain(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
    result = {key: value for key, value in schema.items() if key not in _WORDS}
    for key in ("items", "additionalProperties"):
        if key in result:
            result[key] = _plain(result[key], definitions)
    for key in ("anyOf", "oneOf"):
        if key in result:
            result[key] = _distinct(_plain(item, definitions) for item in result[key])
    if "properties" in result:
        result["properties"] = {
            name: _plain(child, definitions) for name, child in result["properties"].items()
        }
    return _spelled(result)


def _distinct(schemas: Iterable[Any]) -> list[Any]:
    """Return each value once, in an order of its own."""
    return [json.loads(text) for text in sorted({json.dumps(schema, sort_keys=True) for schema in schemas})]


def _spelled(schema: dict[str, Any]) -> dict[str, Any]:
    """Spell a keyword as the data files do."""
    values = schema.pop("enum", None) or ([schema.pop("const")] if "const" in schema else None)
    if values is not None:
        schema["enum"] = sorted(values, key=repr)
        # The values of an enum make the type needless.
        schema.pop("type", None)
    if isinstance(schema.get("type"), list):
        schema["type"] = sorted(schema["type"])
    if "required" in schema:
        schema["required"] = sorted(schema["required"])
    for key in ("items", "additionalProperties", "properties", "required"):
        # The keyword restricts nothing.
        if schema.get(key) in ({}, [], True):
            del schema[key]
    return _without_wrapper(schema)


def _without_wrapper(schema: dict[str, Any]) -> dict[str, Any]:
    """Replace a choice of one by its content, and join nested choices, as ``nullable`` makes them."""
    for key in ("anyOf", "oneOf"):
        if len(schema.get(key, ())) == 1 and len(schema) == 1:
            return dict(schema[key][0])
    choices = schema.get("anyOf", [])
    inner = [choice for choice in choices if choice.keys() <= {"anyOf", "default"} and "anyOf" in choice]
    if len(inner) == 1:
        flat = [choice for choice in choices if choice is not inner[0]] + inner[0]["anyOf"]
        schema = {**inner[0], **schema, "anyOf": _distinct(flat)}
    return schema
