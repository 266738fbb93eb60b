"""The alternatives of a parameter as branches of its control, each with a label and a token to post."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from playground.parameters.schema.alternatives import fixed_value
from playground.parameters.schema.equality import key_of
from playground.parameters.schema.resolving import Resolver
from playground.parameters.schema.spec import UNSET, Branch, Kind, ParameterSpec
from playground.parameters.schema.translate import Schema

ReadBranch = Callable[[Schema], ParameterSpec]
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


class _Draft(NamedTuple):
    """A branch whose label may still equal another one's: a constant, or a value to fill in."""

    label: str
    spec: ParameterSpec | None = None
    value: Any = UNSET


def read_branches(schemas: list[Schema], read: ReadBranch, resolver: Resolver) -> tuple[Branch, ...]:
    """Return a branch for each alternative, and for each constant where an alternative lists several."""
    drafts = [draft for schema in schemas for draft in _drafts(schema, read, resolver)]
    labels = [draft.label for draft in drafts]
    drafts = [
        draft._replace(label=_longer_label(draft.spec))
        if draft.spec and labels.count(draft.label) > 1
        else draft
        for draft in drafts
    ]
    return tuple(_distinct(drafts))


def _drafts(schema: Schema, read: ReadBranch, resolver: Resolver) -> Iterator[_Draft]:
    value = fixed_value(schema, resolver)
    if value is not UNSET:
        yield _Draft(_label_of_value(value), value=value)
    elif "enum" in schema:
        for item in schema["enum"]:
            if item is not None:
                yield _Draft(_label_of_value(item), value=item)
    elif schema.get("type") == "boolean":
        yield _Draft("on", value=True)
        yield _Draft("off", value=False)
    else:
        spec = read(schema)
        yield _Draft(_label_of_spec(spec), spec)


def _distinct(drafts: list[_Draft]) -> Iterator[Branch]:
    """Drop repeated constants, and number labels and tokens that would be equal."""
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


def _longer_label(spec: ParameterSpec) -> str:
    """Name a branch by its title, or a list by its items, to tell it from another one of the control."""
    if title := spec.schema.get("title"):
        return str(title)
    if spec.item is None:
        return _label_of_spec(spec)
    inside = [branch.label for branch in spec.item.branches] or [_label_of_spec(spec.item)]
    return f"list of {inside[0]}" + (" and others" if len(inside) > 1 else "")
