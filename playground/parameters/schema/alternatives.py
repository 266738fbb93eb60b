"""The branches of oneOf and anyOf: which there are, and what to call each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from playground.parameters.schema.bundling import DEFINITIONS
from playground.parameters.schema.merging import (
    ANNOTATIONS,
    Contradiction,
    Unresolvable,
    key_of,
    merge,
    without_annotations,
)
from playground.parameters.schema.resolving import ORIGIN, Resolver
from playground.parameters.schema.spec import UNSET, Branch, Kind, ParameterSpec
from playground.parameters.schema.translate import Schema

ReadBranch = Callable[[Schema], ParameterSpec]
# Choices within choices multiply. Real ones reach 22 in all.
MAX_BRANCHES = 60
# Of a whole request: some have one for each model.
MAX_ROOTS = 500
_MAX_DEPTH = 6
# What makes an alternative another thing, and not only a rule about the same one.
_SHAPING = frozenset(
    {"type", "properties", "enum", "const", "items", "prefixItems", "additionalProperties", "anyOf", "oneOf"}
)
_NAMES_OF_KINDS = {
    Kind.STRING: "text",
    Kind.DATE: "date",
    Kind.NUMBER: "number",
    Kind.INTEGER: "number",
    Kind.TAGS: "list",
    Kind.CHECKS: "list",
    Kind.ARRAY: "list",
    Kind.TUPLE: "list",
    Kind.MAP: "map",
    Kind.OBJECT: "object",
    Kind.CHOICE: "value",
    Kind.JSON: "JSON",
}


def flatten(schema: Schema, resolver: Resolver, limit: int = MAX_BRANCHES) -> list[Schema]:
    """Every alternative that is not itself a set of alternatives, in the document's order.

    :raises Unresolvable: there are none, or too many.
    """
    found: list[Schema] = []
    for alternative in _alternatives(schema, resolver, ()):
        if len(found) == limit:
            raise Unresolvable
        found.append(alternative)
    if not found:
        raise Unresolvable
    return found


def _alternatives(schema: Schema, resolver: Resolver, above: tuple[str, ...]) -> Iterator[Schema]:
    """:param above: the definitions that led here; one of them again would add nothing."""
    schema = resolver.resolve(schema)
    key = next((key for key in ("anyOf", "oneOf") if key in schema), None)
    if key is None or not _shapes(schema, key, resolver):
        yield from _by_type(schema)
        return
    if len(above) > _MAX_DEPTH:
        raise Unresolvable
    above = (*above, schema.get(ORIGIN, ""))
    # What stands beside the choice holds for each of its branches.
    beside = {
        name: value for name, value in schema.items() if name not in ANNOTATIONS and name not in (key, ORIGIN)
    }
    for child in schema[key]:
        try:
            branch = _told_apart(child, schema.get("discriminator"), resolver.resolve(child))
            if branch.get(ORIGIN) not in above:
                yield from _alternatives(merge(beside, branch) if beside else branch, resolver, above)
        except Contradiction:
            continue


def _shapes(schema: Schema, key: str, resolver: Resolver) -> bool:
    """Whether the branches differ in kind. Those that only add rules leave one control for all."""
    own = schema.keys() & _SHAPING - {key}
    if not own:
        return True
    return any(_adds_shape(schema, resolver.resolve(child)) for child in schema[key])


def _adds_shape(schema: Schema, branch: Schema) -> bool:
    return any(key != "type" or branch[key] != schema.get("type") for key in branch.keys() & _SHAPING)


def _by_type(schema: Schema) -> Iterator[Schema]:
    names = schema.get("type")
    if "enum" in schema:
        # The values say it all; those of another type are never valid.
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


def _told_apart(stated: Schema, discriminator: dict[str, Any] | None, branch: Schema) -> Schema:
    """With the value that names it, where a discriminator says so and the branch itself does not.

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


def fixed_value(schema: Schema, resolver: Resolver, depth: int = 0) -> Any:
    """The one value that the schema leaves, UNSET where it leaves more than one."""
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


def read_branches(schemas: list[Schema], read: ReadBranch, resolver: Resolver) -> tuple[Branch, ...]:
    """One branch per alternative, but one per constant where an alternative lists constants."""
    drafts: list[tuple[str, ParameterSpec | None, Any]] = []
    for schema in schemas:
        value = fixed_value(schema, resolver)
        if value is not UNSET:
            drafts.append((_label_of_value(value), None, value))
        elif "enum" in schema:
            drafts.extend((_label_of_value(item), None, item) for item in schema["enum"] if item is not None)
        elif schema.get("type") == "boolean":
            drafts.extend([("on", None, True), ("off", None, False)])
        else:
            spec = read(schema)
            drafts.append((_label_of_spec(spec), spec, UNSET))
    names = [label for label, _, _ in drafts]
    drafts = [
        (_label_of_list(spec) if spec and names.count(label) > 1 else label, spec, value)
        for label, spec, value in drafts
    ]
    return tuple(_distinct(drafts))


def distinct_schemas(schemas: list[Schema]) -> list[Schema]:
    """Each once: a reference in a loop brings the same alternative again and again."""
    found: dict[Any, Schema] = {}
    for schema in schemas:
        found.setdefault(key_of(without_annotations(schema)), schema)
    return list(found.values())


def _distinct(drafts: list[tuple[str, ParameterSpec | None, Any]]) -> Iterator[Branch]:
    tokens: set[str] = set()
    labels: set[str] = set()
    values: set[Any] = set()
    for label, spec, value in drafts:
        if spec is None:
            if key_of(value) in values:
                continue
            values.add(key_of(value))
        if label in labels and spec is None:
            label = json.dumps(value, ensure_ascii=False)
        number = 1
        while (shown := label if number == 1 else f"{label} {number}") in labels:
            number += 1
        labels.add(shown)
        token = base = re.sub(r"[^A-Za-z0-9_]+", "-", shown).strip("-") or "value"
        while token in tokens:
            token = f"{base}-{len(tokens)}"
        tokens.add(token)
        yield Branch(token=token, label=shown, spec=spec, value=value)


def _label_of_value(value: Any) -> str:
    if isinstance(value, dict):
        names = [value.get("type"), *value.values()]
        return next((name for name in names if isinstance(name, str) and name), "object")
    if isinstance(value, str) and value:
        return value
    return json.dumps(value, ensure_ascii=False)


def _label_of_spec(spec: ParameterSpec) -> str:
    if spec.constants:
        return _label_of_value(spec.constants)
    if title := spec.schema.get("title"):
        return str(title)
    kind = next((child for child in spec.children if child.name == "type"), None)
    if kind is not None and len(kind.options) == 1:
        return kind.options[0].label
    return _NAMES_OF_KINDS.get(spec.kind, "other")


def _label_of_list(spec: ParameterSpec) -> str:
    """What is in it: for lists side by side, which are no help when all are called lists."""
    if spec.item is None or spec.schema.get("title"):
        return _label_of_spec(spec)
    inside = [branch.label for branch in spec.item.branches] or [_label_of_spec(spec.item)]
    return f"list of {inside[0]}" + (" and others" if len(inside) > 1 else "")
