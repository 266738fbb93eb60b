"""Parameters whose values contain JSON schemas: of a tool's arguments, of an answer's format.

A form only warns about errors in such a schema, since dialects of JSON Schema differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

# The keys that hold a schema, at any depth of the parameter. Without a key, the value is one.
_IN = {
    "tools": ("parameters", "input_schema"),
    "response_format": ("schema",),
    "text": ("schema",),
    "guided_json": (),
}
_MAX_DEPTH = 6


def schema_warnings(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each parameter with an invalid schema, and a sentence with the place of the error.

    >>> list(schema_warnings({"guided_json": {"properties": {"city": {"type": "strin"}}}}))
    [('guided_json', 'Not a JSON schema: see properties.city.type.')]
    """
    for name, keys in _IN.items():
        if name not in values:
            continue
        schemas = _found(values[name], keys, 0) if keys else [values[name]]
        for schema in schemas:
            if (place := wrong_at(schema)) is not None:
                yield name, f"Not a JSON schema: see {place}." if place else "Not a JSON schema."
                break


def _found(value: Any, keys: tuple[str, ...], depth: int) -> Iterator[Any]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _found(item, keys, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in keys:
                yield item
            else:
                yield from _found(item, keys, depth + 1)


def wrong_at(schema: Any) -> str | None:
    """Return the place of the first error, None if the schema is valid or names a dialect of its own."""
    if not isinstance(schema, dict) or "$schema" in schema:
        return None
    try:
        jsonschema_rs.meta.validate(schema)
    except jsonschema_rs.ValidationError as error:
        return ".".join(str(step) for step in error.instance_path)
    except ValueError:
        # The value has text that cannot be encoded. Its control reports that.
        return None
    return None
