"""A published request schema to the specifications of its parameters.

Every property becomes a parameter. Where no control fits, it is ``Kind.JSON``: an editor whose content
is checked against the same schema.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from playground.parameters.schema import bounds
from playground.parameters.schema.alternatives import distinct_schemas, fixed_value, flatten
from playground.parameters.schema.annotations import with_annotations
from playground.parameters.schema.branches import read_branches
from playground.parameters.schema.envelope import ENVELOPE
from playground.parameters.schema.merging import Unresolvable, loosened
from playground.parameters.schema.other_documents import (
    NO_OTHERS,
    OtherDocuments,
    marked,
    other_documents,
)
from playground.parameters.schema.properties import root_properties
from playground.parameters.schema.resolving import ORIGIN, Resolver
from playground.parameters.schema.shapes import (
    constants_of,
    is_null,
    is_text_or_texts,
    properties_of,
    type_of,
)
from playground.parameters.schema.single_values import MAX_OPTIONS, choice, json_editor, number, text
from playground.parameters.schema.spec import UNSET, Kind, ParameterSpec
from playground.parameters.schema.translate import Schema, to_json_schema

# The limits of what controls show well. A JSON editor takes over beyond them.
MAX_NESTING = 6
# Claude's ready-made tools take 214, of which a page shows 20 at a time.
MAX_CONTROLS = 240
# How often a definition may occur within itself.
MAX_LOOPS = 2
MAX_TUPLE_PARTS = 8
# Controls in one row of a map, beside the key.
MAX_IN_A_ROW = 12
# Schemas read for one parameter, and for a whole request. Published ones need up to 220 and 300.
MAX_READS = 1_500
MAX_READS_IN_ALL = 10_000

_GROUPS = frozenset({Kind.OBJECT, Kind.TUPLE, Kind.MAP, Kind.ARRAY, Kind.ALTERNATIVES})
_KINDS_OF_LISTS = {
    Kind.STRING: Kind.TAGS,
    Kind.NUMBER: Kind.TAGS,
    Kind.INTEGER: Kind.TAGS,
    Kind.CHOICE: Kind.CHECKS,
}


class _TooMuch(Exception):
    """A parameter needs more reads or more controls than a form should have."""


def read_parameters(schema: object) -> tuple[ParameterSpec, ...]:
    """Return the parameters of a request schema (OpenAPI 3.0 or JSON Schema), in its order."""
    return read_translated(to_json_schema(schema), other_documents(schema))


def read_translated(schema: Schema, marks: OtherDocuments = NO_OTHERS) -> tuple[ParameterSpec, ...]:
    definitions = schema.get("$defs", {})
    properties, required = root_properties(schema, definitions)
    reader = _ParameterReader(definitions)
    found = []
    for name, child in properties.items():
        if name not in ENVELOPE and not child.get("readOnly"):
            read = partial(reader.read_parameter, name, is_required=name in required)
            found.append(marked(read(child), child, marks, read))
    return tuple(found)


class _ParameterReader:
    def __init__(self, definitions: dict[str, Schema]) -> None:
        self.resolver = Resolver(definitions)
        self._reads = 0
        self._reads_in_all = 0
        # The definitions around the present place, outermost first.
        self._above: list[str] = []

    def read_parameter(self, name: str, schema: Schema, *, is_required: bool) -> ParameterSpec:
        self._reads, self._above = 0, []
        try:
            spec = self.read(name, schema, depth=0)
            if spec.size > MAX_CONTROLS:
                raise _TooMuch
        except _TooMuch:
            spec = with_annotations(json_editor(name, schema), schema)
        return replace(spec, schema=self.resolver.with_definitions(schema), is_required=is_required)

    def read(self, name: str, schema: Schema, depth: int) -> ParameterSpec:
        self._reads += 1
        self._reads_in_all += 1
        if self._reads > MAX_READS or self._reads_in_all > MAX_READS_IN_ALL:
            raise _TooMuch
        try:
            resolved = self.resolver.resolve(schema)
            branches = flatten(resolved, self.resolver)
        except Unresolvable:
            return with_annotations(json_editor(name, schema), schema)
        concrete = distinct_schemas([branch for branch in branches if not is_null(branch)])
        if len(concrete) > 1 and (together := loosened(concrete)) is not None:
            concrete = [together]
        is_nullable = any(is_null(branch) or None in branch.get("enum", ()) for branch in branches)
        if not concrete or depth > MAX_NESTING + 2:
            spec = json_editor(name, schema)
        elif len(concrete) == 1:
            spec = self._read_one(name, concrete[0], depth)
        else:
            spec = self._read_alternatives(name, concrete, depth)
        if depth > MAX_NESTING and spec.kind in _GROUPS:
            spec = json_editor(name, schema)
        annotated = {**concrete[0], **resolved} if len(concrete) == 1 else resolved
        return with_annotations(replace(spec, is_nullable=is_nullable), annotated)

    def _read_one(self, name: str, schema: Schema, depth: int) -> ParameterSpec:
        origin = schema.get(ORIGIN, "")
        if origin and self._above.count(origin) >= MAX_LOOPS:
            return json_editor(name, schema)
        self._above.append(origin)
        try:
            return self._read_by_type(name, schema, depth)
        finally:
            self._above.pop()

    def _read_by_type(self, name: str, schema: Schema, depth: int) -> ParameterSpec:
        constants = constants_of(schema)
        if constants is not None:
            return choice(name, schema, constants)
        match type_of(schema):
            case "number":
                return number(name, schema, is_integer=False)
            case "integer":
                return number(name, schema, is_integer=True)
            case "string":
                return text(name, schema)
            case "array":
                return self._list(name, schema, depth)
            case "object":
                return self._object(name, schema, depth)
        return json_editor(name, schema)

    def _list(self, name: str, schema: Schema, depth: int) -> ParameterSpec:
        if schema.get("prefixItems"):
            return self._tuple(name, schema, depth)
        item = self.read("", schema.get("items") or {}, depth + 1)
        if item.kind is Kind.JSON:
            return json_editor(name, schema)
        kind = Kind.ARRAY if item.is_nullable else _KINDS_OF_LISTS.get(item.kind, Kind.ARRAY)
        return ParameterSpec(name, kind, schema, item=item, bounds=bounds.list_bounds(schema))

    def _tuple(self, name: str, schema: Schema, depth: int) -> ParameterSpec:
        """Read each part under its number. Entries beyond the parts can be written as JSON."""
        parts = schema["prefixItems"]
        if len(parts) > MAX_TUPLE_PARTS:
            return json_editor(name, schema)
        needed = schema.get("minItems", 0)
        children = tuple(
            replace(self.read(str(position), part, depth + 1), is_required=position <= needed)
            for position, part in enumerate(parts, start=1)
        )
        return ParameterSpec(name, Kind.TUPLE, schema, children=children, bounds="list of fixed parts")

    def _object(self, name: str, schema: Schema, depth: int) -> ParameterSpec:
        required = set(schema.get("required", ()))
        properties = properties_of(schema)
        if not properties:
            return self._map(name, schema, depth)
        children = []
        constants = {}
        for key, child in properties.items():
            value = self._fixed(child) if key in required else UNSET
            if value is not UNSET:
                constants[key] = value
            elif not child.get("readOnly"):
                spec = self.read(key, child, depth + 1)
                children.append(replace(spec, is_required=key in required))
        if not children:
            return choice(name, schema, [constants])
        return ParameterSpec(name, Kind.OBJECT, schema, children=tuple(children), constants=constants)

    def _fixed(self, schema: Schema) -> Any:
        try:
            return fixed_value(schema, self.resolver)
        except Unresolvable:
            return UNSET

    def _map(self, name: str, schema: Schema, depth: int) -> ParameterSpec:
        patterns = list(schema.get("patternProperties", {}).values())
        values = schema.get("additionalProperties") or (patterns[0] if len(patterns) == 1 else None)
        if not values:
            if schema.get("additionalProperties") is False and not patterns:
                return choice(name, schema, [{}])
            return json_editor(name, schema)
        item = self.read("value", values, depth + 1)
        if item.kind is Kind.JSON or item.size > MAX_IN_A_ROW:
            return json_editor(name, schema)
        return ParameterSpec(name, Kind.MAP, schema, item=item, bounds="keys and values")

    def _read_alternatives(self, name: str, branches: list[Schema], depth: int) -> ParameterSpec:
        schema: Schema = {"anyOf": branches}
        if is_text_or_texts(branches):
            texts = next(branch for branch in branches if branch.get("type") == "array")
            item = ParameterSpec("", Kind.STRING, {"type": "string"})
            limit = bounds.list_bounds(texts) if "maxItems" in texts else "text or list"
            return ParameterSpec(name, Kind.TAGS, schema, item=item, bounds=limit, takes_bare_item=True)
        if all(constants_of(branch) is not None for branch in branches):
            values = [value for branch in branches for value in constants_of(branch) or ()]
            return choice(name, schema, values)
        found = read_branches(branches, lambda child: self.read("", child, depth + 1), self.resolver)
        if len(found) > MAX_OPTIONS:
            return json_editor(name, schema)
        return ParameterSpec(name, Kind.ALTERNATIVES, schema, branches=found)
