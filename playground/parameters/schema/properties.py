"""The properties at the root of a request schema."""

from __future__ import annotations

from playground.parameters.schema.alternatives import MAX_ROOTS, distinct_schemas, flatten
from playground.parameters.schema.merging import Unresolvable
from playground.parameters.schema.resolving import Resolver
from playground.parameters.schema.translate import Schema


def root_properties(schema: Schema, definitions: dict[str, Schema]) -> tuple[dict[str, Schema], set[str]]:
    """Return the properties of the root by name, and the names of the required ones.

    If the root is a choice, the properties are those of all its alternatives, and a property is required
    only if every alternative requires it.
    """
    properties: dict[str, list[Schema]] = {}
    required: list[set[str]] = []
    try:
        for root in flatten(schema, Resolver(definitions), MAX_ROOTS):
            for name, child in root.get("properties", {}).items():
                properties.setdefault(name, []).append(child)
            required.append(set(root.get("required", ())))
    except Unresolvable:
        return schema.get("properties", {}), set(schema.get("required", ()))
    return {name: _any_of(found) for name, found in properties.items()}, set.intersection(*required)


def _any_of(schemas: list[Schema]) -> Schema:
    distinct = distinct_schemas(schemas)
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
