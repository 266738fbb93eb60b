"""Schemas as text: parsed within limits, and checked to be schemas. Every error is a sentence."""

from __future__ import annotations

import json
from typing import Any

from playground.exceptions import PlaygroundError
from playground.parameters.form.parsing import EntryError, parse_object
from playground.parameters.known.schema_values import wrong_at

MAX_DEPTH = 40


class SchemaRefused(PlaygroundError, ValueError):
    """The text is no JSON schema. The message says why, in a sentence."""


def parse_schema(text: str) -> dict[str, Any]:
    """Return the schema that a text holds.

    :raises SchemaRefused: the text is no JSON, no object, or no schema.
    """
    try:
        schema = parse_object(text, deepest=MAX_DEPTH)
    except EntryError as error:
        raise SchemaRefused(str(error)) from error
    check_schema(schema)
    return schema


def check_schema(schema: dict[str, Any]) -> None:
    """Check a value to be a JSON schema.

    :raises SchemaRefused: it is none; the message names the place of the first error.
    """
    place = wrong_at(schema)
    if place is not None:
        raise SchemaRefused(
            f"This is JSON, but not a JSON schema: see {place}." if place else "Not a JSON schema."
        )


def written(value: Any) -> str:
    """Return a value as JSON for people.

    >>> written({"type": "object"})
    '{\\n  "type": "object"\\n}'
    """
    return json.dumps(value, ensure_ascii=False, indent=2)
