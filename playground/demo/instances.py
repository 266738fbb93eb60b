"""Values that satisfy a JSON schema: arguments of a tool call, or an answer in a wanted format."""

from __future__ import annotations

import math
from typing import Any

_DEEPEST = 6


def instance(schema: object, topic: str, name: str = "", depth: int = 0) -> Any:
    """Make a plausible value for the schema, with the topic as free text.

    The usual keywords of tool schemas are supported; not every schema is satisfied.

    >>> instance({"type": "object", "properties": {"city": {"type": "string"}}}, "rain")
    {'city': 'rain'}
    """
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return topic
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if isinstance(options := schema.get("enum"), list) and options:
        return next((item for item in options if str(item).lower() in topic.lower()), options[0])
    for key in ("anyOf", "oneOf"):
        if isinstance(branches := schema.get(key), list) and branches:
            return instance(branches[0], topic, name, depth + 1)
    return _typed(schema, topic, name, depth)


def _typed(schema: dict[str, Any], topic: str, name: str, depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((item for item in kind if item != "null"), "null")
    match kind:
        case "object":
            properties = schema.get("properties")
            items = properties.items() if isinstance(properties, dict) else ()
            return {key: instance(part, topic, key, depth + 1) for key, part in items}
        case "array":
            few = max(1, int(schema.get("minItems", 1)))
            return [instance(schema.get("items", {}), topic, name, depth + 1) for _ in range(min(few, 5))]
        case "integer" | "number":
            return _number(schema, whole=kind == "integer")
        case "boolean":
            return True
        case "null":
            return None
    return _text(schema, topic)


def _number(schema: dict[str, Any], *, whole: bool) -> int | float:
    low, high = schema.get("minimum"), schema.get("maximum")
    value = 3 if low is None and high is None else low if low is not None else high
    assert isinstance(value, int | float)  # noqa: S101 - tells the type checker; a number or the literal 3
    return math.ceil(value) if whole else value


def _text(schema: dict[str, Any], topic: str) -> str:
    formats = {
        "date": "2026-01-31",
        "date-time": "2026-01-31T12:00:00Z",
        "email": "someone@example.org",
        "uri": "https://example.org/",
    }
    text = formats.get(str(schema.get("format")), topic)
    if isinstance(longest := schema.get("maxLength"), int):
        text = text[:longest]
    if isinstance(shortest := schema.get("minLength"), int):
        text = text.ljust(min(shortest, 200), ".")
    return text
