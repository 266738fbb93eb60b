"""The alternatives that ``oneOf``, ``anyOf`` and lists of types offer for one place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground.parameters.schema.bundling import DEFINITIONS
from playground.parameters.schema.equality import key_of
from playground.parameters.schema.merging import (
    ANNOTATIONS,
    Contradiction,
    Unresolvable,
    merge,
    without_annotations,
)
from playground.parameters.schema.resolving import ORIGIN, Resolver
from playground.parameters.schema.spec import UNSET
from playground.parameters.schema.translate import Schema

# Choices within choices multiply. Published ones reach 22 in all.
MAX_BRANCHES = 60
# Some requests have an alternative for each model.
MAX_ROOTS = 500
_MAX_DEPTH = 6
# Keywords that change the type of a value. An alternative with other keywords only adds a rule.
_SHAPING = frozenset(
    {"type", "properties", "enum", "const", "items", "prefixItems", "additionalProperties", "anyOf", "oneOf"}
)


def flatten(schema: Schema, resolver: Resolver, limit: int = MAX_BRANCHES) -> list[Schema]:
    """List the alternatives that are not themselves a choice, in the document's order.

    :raises Unresolvable: there are none, or more than ``limit``.
    """
    found: list[Schema] = []
    for alternative in _alternatives(schema, resolver, ()):
        if len(found) == limit:
            raise Unresolvable
        found.append(alternative)
    if not found:
        raise Unresolvable
    return found


def distinct_schemas(schemas: list[Schema]) -> list[Schema]:
    """Drop repetitions: a reference in a loop yields the same alternative again and again."""
    found: dict[Any, Schema] = {}
    for schema in schemas:
        found.setdefault(key_of(without_annotations(schema)), schema)
    return list(found.values())


def fixed_value(schema: Schema, resolver: Resolver, depth: int = 0) -> Any:
    """Return the only value that the schema accepts, UNSET if it accepts several."""
    schema = resolver.resolve(schema)
    if "const" in schema:
        return schema["const"]
    if len(schema.get("enum", ())) == 1:
        return schema["enum"][0]
    properties = schema.get("properties")
    if schema.get("type") != "object" or not properties or depth > _MAX_DEPTH:
        return UNSET
    if set(properties) != set(schema.get("required", ())):
        return UNSET
    values = {}
    for name, child in properties.items():
        values[name] = fixed_value(child, resolver, depth + 1)
        if values[name] is UNSET:
            return UNSET
    return values


def _alternatives(schema: Schema, resolver: Resolver, above: tuple[str, ...]) -> Iterator[Schema]:
    """Yield the alternatives of ``schema``.

    :param above: the definitions around this place; one of them again would add nothing.
    """
    schema = resolver.resolve(schema)
    key = next((key for key in ("anyOf", "oneOf") if key in schema), None)
    if key is None or not _differ_in_type(schema, key, resolver):
        yield from _by_type(schema)
        return
    if len(above) > _MAX_DEPTH:
        raise Unresolvable
    above = (*above, schema.get(ORIGIN, ""))
    # Keywords beside the choice apply to each of its branches.
    beside = {
        name: value for name, value in schema.items() if name not in ANNOTATIONS and name not in (key, ORIGIN)
    }
    for child in schema[key]:
        try:
            branch = _with_discriminator(child, schema.get("discriminator"), resolver.resolve(child))
            if branch.get(ORIGIN) not in above:
                yield from _alternatives(merge(beside, branch) if beside else branch, resolver, above)
        except Contradiction:
            continue


def _differ_in_type(schema: Schema, key: str, resolver: Resolver) -> bool:
    """Tell whether the branches need controls of their own; branches that only add rules share one."""
    own = schema.keys() & _SHAPING - {key}
    if not own:
        return True
    return any(_changes_type(schema, resolver.resolve(child)) for child in schema[key])


def _changes_type(schema: Schema, branch: Schema) -> bool:
    return any(key != "type" or branch[key] != schema.get("type") for key in branch.keys() & _SHAPING)


def _by_type(schema: Schema) -> Iterator[Schema]:
    names = schema.get("type")
    if "enum" in schema:
        # Values of another type than the stated one are never valid.
        fitting = [value for value in schema["enum"] if names is None or _is_of_type(value, names)]
        rest = {key: value for key, value in schema.items() if key not in ("type", "enum")}
        yield {**rest, "enum": fitting or schema["enum"]}
    elif isinstance(names, list):
        for name in names:
            if not (name == "integer" and "number" in names):
                yield {**schema, "type": name}
    else:
        yield schema


def _is_of_type(value: Any, names: str | list[str]) -> bool:
    if isinstance(value, bool):
        kinds = {"boolean"}
    elif isinstance(value, int | float):
        kinds = {"number", "integer"} if float(value).is_integer() else {"number"}
    else:
        kinds = {{str: "string", list: "array", dict: "object", type(None): "null"}[type(value)]}
    return not kinds.isdisjoint([names] if isinstance(names, str) else names)


def _with_discriminator(stated: Schema, discriminator: dict[str, Any] | None, branch: Schema) -> Schema:
    """Add the discriminator's value to the branch, unless the branch states one itself.

    https://spec.openapis.org/oas/v3.1.0#discriminator-object
    """
    origin = stated.get("$ref", "").removeprefix(DEFINITIONS)
    if discriminator is None or not origin:
        return branch
    name = discriminator["propertyName"]
    mapping = discriminator.get("mapping") or {}
    values = [value for value, target in mapping.items() if target == DEFINITIONS + origin] or [origin]
    own = branch.get("properties", {}).get(name, {})
    if not isinstance(own, dict) or own.keys() & {"const", "enum", "$ref", "allOf", "anyOf", "oneOf"}:
        return branch
    fixed = {"const": values[0]} if len(values) == 1 else {"enum": values}
    properties = {**branch.get("properties", {}), name: {**own, **fixed}}
    return {**branch, "properties": properties, "required": [*branch.get("required", ()), name]}
