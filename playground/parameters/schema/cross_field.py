"""Rules of a request schema that concern several parameters: one needs another, two exclude each other.

A form has only a part of the body: no transcript, no model, and perhaps not yet all that is required. So
these are the rules that hold for a part. ``form.body`` checks the whole body before it is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground.parameters.schema.envelope import ENVELOPE
from playground.parameters.schema.translate import Schema

# Keywords about single properties, whose controls report their errors.
_SINGLE = frozenset({"type", "properties", "required", "additionalProperties", "title", "$defs"})
# Keywords that an incomplete form may violate, and annotations.
_UNDECIDED = frozenset(
    {
        "required", "minProperties", "maxProperties", "propertyNames", "patternProperties",
        "unevaluatedProperties", "default", "example", "examples",
    }
)  # fmt: skip


def cross_field_rules(schema: Schema) -> Schema | None:
    """Return the part of a translated schema that concerns several parameters, None if there is none."""
    rules = _relaxed(schema)
    return {**rules, "$defs": schema.get("$defs", {})} if rules.keys() - _SINGLE else None


def _relaxed(schema: Schema) -> Schema:
    result: Schema = {key: value for key, value in schema.items() if key not in _UNDECIDED}
    if "properties" in schema:
        result["properties"] = _without_envelope(schema["properties"])
    if "dependentRequired" in schema:
        result["dependentRequired"] = {
            name: [needed for needed in others if needed not in ENVELOPE]
            for name, others in _without_envelope(schema["dependentRequired"]).items()
        }
    if "dependentSchemas" in schema:
        result["dependentSchemas"] = {
            name: child
            for name, child in _without_envelope(schema["dependentSchemas"]).items()
            if not _mentions_envelope(child)
        }
    if any(_mentions_envelope(schema.get(key)) for key in ("if", "then", "else")):
        result = {key: value for key, value in result.items() if key not in ("if", "then", "else")}
    if _mentions_envelope(schema.get("not")):
        del result["not"]
    if choice := [*_choices(schema)]:
        result.pop("anyOf", None)
        result.pop("oneOf", None)
        # While required parameters are missing, several alternatives of a oneOf may fit.
        result["allOf"] = [{"anyOf": [_relaxed(branch) for branch in branches]} for branches in choice]
    if "allOf" in schema:
        parts = [_relaxed(part) for part in schema["allOf"]]
        result["allOf"] = [*parts, *(result["allOf"] if choice else ())]
    return result


def _choices(schema: Schema) -> Iterator[list[Schema]]:
    for key in ("anyOf", "oneOf"):
        if key in schema:
            yield schema[key]


def _without_envelope(named: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in named.items() if name not in ENVELOPE}


def _mentions_envelope(schema: Any) -> bool:
    """Tell whether the schema may name a field that a form lacks; a reference counts, as it might."""
    if isinstance(schema, dict):
        return "$ref" in schema or any(
            key in ENVELOPE or _mentions_envelope(value) for key, value in schema.items()
        )
    if isinstance(schema, list):
        return any(item in ENVELOPE if isinstance(item, str) else _mentions_envelope(item) for item in schema)
    return False
