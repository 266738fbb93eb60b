"""Schemas in one spelling, so that two that say the same compare equal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from playground.parameters.schema.translate import to_json_schema

# Words, and what only says how a text is written: they decide nothing.
_WORDS = frozenset({"title", "description", "example", "examples", "deprecated", "format", "$defs"})


def plain(schema: Any) -> Any:
    """The schema as published or as stored, translated, without references and without words."""
    translated = to_json_schema(schema)
    return _plain(translated, translated.get("$defs", {}))


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
    """Each once, in an order that does not depend on theirs."""
    return [json.loads(text) for text in sorted({json.dumps(schema, sort_keys=True) for schema in schemas})]


def _spelled(schema: dict[str, Any]) -> dict[str, Any]:
    """In our data's spelling, where there are several."""
    values = schema.pop("enum", None) or ([schema.pop("const")] if "const" in schema else None)
    if values is not None:
        schema["enum"] = sorted(values, key=repr)
        # Their values say it all.
        schema.pop("type", None)
    if isinstance(schema.get("type"), list):
        schema["type"] = sorted(schema["type"])
    if "required" in schema:
        schema["required"] = sorted(schema["required"])
    for key in ("items", "additionalProperties", "properties", "required"):
        # Anything goes, or there are none: as if it were not said.
        if schema.get(key) in ({}, [], True):
            del schema[key]
    return _without_wrapper(schema)


def _without_wrapper(schema: dict[str, Any]) -> dict[str, Any]:
    """A choice of one is no choice; one around another, as ``nullable`` makes it, is one choice."""
    for key in ("anyOf", "oneOf"):
        if len(schema.get(key, ())) == 1 and len(schema) == 1:
            return dict(schema[key][0])
    choices = schema.get("anyOf", [])
    inner = [choice for choice in choices if choice.keys() <= {"anyOf", "default"} and "anyOf" in choice]
    if len(inner) == 1:
        flat = [choice for choice in choices if choice is not inner[0]] + inner[0]["anyOf"]
        schema = {**inner[0], **schema, "anyOf": _distinct(flat)}
    return schema
