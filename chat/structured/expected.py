"""The facts that a schema states for certain about a part of a value, before the whole value is known.

Only keywords whose verdict is final as soon as a value ends are read: ``type``, ``enum`` and ``const`` of
scalars, ``properties`` with ``additionalProperties``, ``required``, ``items`` and local references. They
hold beside ``anyOf`` and the like, so none of them can raise a false alarm. All else is checked at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_REFERENCES = 20
# Up to here every number is the same in all programs.
EXACT = 2**53
_TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})


@dataclass(frozen=True, slots=True)
class Expected:
    """The facts about one value. Empty collections and None mean that nothing is known."""

    types: frozenset[str] = frozenset()
    # The allowed values; None if any is.
    values: list[Any] | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    # Whether an object may have no other properties.
    is_closed: bool = False
    others: Any = None
    required: tuple[str, ...] = ()
    first_items: list[Any] = field(default_factory=list)
    items: Any = None


NOTHING = Expected()


class Expectations:
    """The expectations of one schema, each read at its first use."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._known: dict[int, Expected] = {}

    @property
    def root(self) -> Expected:
        return self.of(self._schema)

    def of(self, schema: Any) -> Expected:
        """Return what a part of the schema expects."""
        known = self._known.get(id(schema))
        if known is None:
            known = self._known[id(schema)] = self._read(schema)
        return known

    def of_property(self, expected: Expected, name: str) -> Expected:
        found = expected.properties.get(name, expected.others)
        return NOTHING if found is None else self.of(found)

    def of_item(self, expected: Expected, index: int) -> Expected:
        if index < len(expected.first_items):
            return self.of(expected.first_items[index])
        return NOTHING if expected.items is None else self.of(expected.items)

    def _read(self, schema: Any) -> Expected:
        for _ in range(_MOST_REFERENCES):
            # An id of its own changes what references inside of it mean.
            if not isinstance(schema, dict) or ("$id" in schema and schema is not self._schema):
                return NOTHING
            if "$ref" not in schema:
                return _expected(schema)
            # Drafts differ in what counts beside a reference, so only its target does.
            schema = self._target(schema["$ref"])
        return NOTHING

    def _target(self, reference: Any) -> Any:
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            return None
        found: Any = self._schema
        for step in reference.split("/")[1:]:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or name not in found:
                return None
            found = found[name]
        return found


def _expected(schema: dict[str, Any]) -> Expected:
    named = schema.get("type")
    types = {named} if isinstance(named, str) else set(_texts(named))
    properties, others = schema.get("properties"), schema.get("additionalProperties")
    has_patterns = bool(schema.get("patternProperties"))
    first, items = schema.get("prefixItems"), schema.get("items")
    return Expected(
        types=frozenset(types) if types <= _TYPES else frozenset(),
        values=_values(schema),
        properties=properties if isinstance(properties, dict) else {},
        is_closed=others is False and not has_patterns,
        others=others if isinstance(others, dict) and not has_patterns else None,
        required=tuple(_texts(schema.get("required"))),
        first_items=first if isinstance(first, list) else [],
        items=items if isinstance(items, dict) else None,
    )


def _texts(value: Any) -> list[str]:
    """Return a list of texts; an empty one for anything else."""
    is_list = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return value if is_list else []


def _values(schema: dict[str, Any]) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return values if isinstance(values, list) else None


def type_of(value: Any) -> str:
    """
    >>> [type_of(value) for value in (True, 1, 1.0, "x", None, [], {})]
    ['boolean', 'number', 'number', 'string', 'null', 'array', 'object']
    """
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    if value is None:
        return "null"
    return "array" if isinstance(value, list) else "object"


def is_among(value: Any, kind: str, values: list[Any]) -> bool:
    """Return whether a scalar is one of the values. A container is only compared by its type."""
    if kind in ("object", "array"):
        return any(type_of(each) == kind for each in values)
    if kind in ("integer", "number"):
        numbers = [each for each in values if type_of(each) == "number"]
        return value in numbers or (bool(numbers) and abs(value) > EXACT)
    return any(type_of(each) == kind and each == value for each in values)
