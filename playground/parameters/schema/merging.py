"""Two schemas for the same place, merged into one that decides which controls are shown.

The merged schema validates nothing: the original schemas do. So where two keywords cannot be combined,
the later one is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playground.exceptions import PlaygroundError
from playground.parameters.schema.equality import is_same, key_of
from playground.parameters.schema.translate import Schema

# Keywords that describe a value and do not restrict it.
ANNOTATIONS = frozenset(
    {
        "title", "default", "example", "examples", "deprecated", "readOnly", "$defs", "discriminator",
    }
)  # fmt: skip


class Unresolvable(PlaygroundError, ValueError):
    """The references form a loop, or there are more parts than a form can show."""


class Contradiction(Unresolvable):
    """No value can satisfy both parts."""


def merge(first: Schema, second: Schema) -> Schema:
    """Return one schema for values that must satisfy both.

    :raises Contradiction: no value can satisfy both.
    """
    result = {**first, **second}
    for key in first.keys() & second.keys():
        if (combine := _COMBINE.get(key)) is not None:
            result[key] = combine(first[key], second[key])
    if "const" in result and "enum" in result:
        if not any(is_same(result["const"], value) for value in result["enum"]):
            raise Contradiction
        del result["enum"]
    return result


def loosened(schemas: list[Schema]) -> Schema | None:
    """Return one schema for alternatives that share a control, all texts or all numbers; else None.

    The result accepts whatever one of them accepts, and perhaps more.

    >>> loosened([{"type": "integer", "minimum": 1}, {"type": "number", "minimum": 0.5, "maximum": 2}])
    {'type': 'number', 'minimum': 0.5}
    >>> loosened([{"type": "string"}, {"type": "integer"}]) is None
    True
    """
    types = {str(schema.get("type")) for schema in schemas}
    is_listed = any(schema.keys() & {"enum", "const"} for schema in schemas)
    if is_listed or not (types == {"string"} or types <= {"number", "integer"}):
        return None
    result: Schema = {"type": types.pop() if len(types) == 1 else "number"}
    first, *others = schemas
    for key in first.keys() - ANNOTATIONS:
        if all(key in other for other in others):
            values = [schema[key] for schema in schemas]
            if key in _LOOSEN:
                result[key] = _LOOSEN[key](values)
            elif all(value == values[0] for value in values):
                result[key] = values[0]
    return result


def without_annotations(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key not in ANNOTATIONS}


def _types(first: str | list[str], second: str | list[str]) -> str | list[str]:
    ours, theirs = ([item] if isinstance(item, str) else item for item in (first, second))
    both = [name for name in ours if name in theirs or (name == "integer" and "number" in theirs)]
    both += [name for name in theirs if name == "integer" and "number" in ours and name not in both]
    if not both:
        raise Contradiction
    return both[0] if len(both) == 1 else both


def _values(first: list[Any], second: list[Any]) -> list[Any]:
    known = set(map(key_of, second))
    both = [value for value in first if key_of(value) in known]
    if not both:
        raise Contradiction
    return both


def _constant(first: Any, second: Any) -> Any:
    if not is_same(first, second):
        raise Contradiction
    return first


def _names(first: list[str], second: list[str]) -> list[str]:
    return list(dict.fromkeys([*first, *second]))


def _both(first: Any, second: Any) -> Any:
    if first is False or second is False:
        return False
    return second if first == second else {"allOf": [first, second]}


def _each(first: dict[str, Schema], second: dict[str, Schema]) -> dict[str, Schema]:
    shared = {name: _both(first[name], second[name]) for name in first.keys() & second.keys()}
    return {**first, **second, **shared}


_LOOSEN: dict[str, Callable[[Any], Any]] = {
    "minimum": min,
    "exclusiveMinimum": min,
    "minLength": min,
    "maximum": max,
    "exclusiveMaximum": max,
    "maxLength": max,
}
_COMBINE: dict[str, Callable[[Any, Any], Any]] = {
    "type": _types,
    "enum": _values,
    "const": _constant,
    "minimum": max,
    "exclusiveMinimum": max,
    "minLength": max,
    "minItems": max,
    "minProperties": max,
    "maximum": min,
    "exclusiveMaximum": min,
    "maxLength": min,
    "maxItems": min,
    "maxProperties": min,
    "uniqueItems": max,
    "properties": _each,
    "patternProperties": _each,
    "required": _names,
    "items": _both,
    "additionalProperties": _both,
    # A form offers the first of two choices for the same place; validation checks both.
    "anyOf": lambda first, second: first,
    "oneOf": lambda first, second: first,
}
