"""A request schema, as published, to the parameters that a form can offer. Pure.

Nothing is dropped: what has no control of its own becomes ``Kind.JSON``, an editor whose
content is checked against the same schema.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from playground.parameters.schema import bounds
from playground.parameters.schema.alternatives import (
    MAX_ROOTS,
    distinct_schemas,
    fixed_value,
    flatten,
    read_branches,
)
from playground.parameters.schema.annotations import with_annotations
from playground.parameters.schema.dates import date_format
from playground.parameters.schema.envelope import ENVELOPE
from playground.parameters.schema.merging import Unresolvable, loosened, without_annotations
from playground.parameters.schema.options import options_for
from playground.parameters.schema.resolving import ORIGIN, Resolver
from playground.parameters.schema.spec import UNSET, Kind, ParameterSpec
from playground.parameters.schema.translate import Schema, to_json_schema

# Past these a form is worse than an editor: groups in groups, more controls for one parameter,
# a schema within itself, more parts of a tuple, more values to choose from.
MAX_NESTING = 6
# Claude's ready-made tools take 214, of which 20 are to be seen at a time.
MAX_CONTROLS = 240
MAX_LOOPS = 2
MAX_PARTS = 8
# Beside a key.
MAX_IN_A_ROW = 12
MAX_OPTIONS = 400
MAX_OPTION = 1_000
# Places looked at for one parameter, and for all of a request. Published ones need up to 220 and 300.
MAX_READS = 1_500
MAX_READS_IN_ALL = 10_000

_GROUPS = frozenset({Kind.OBJECT, Kind.TUPLE, Kind.MAP, Kind.ARRAY, Kind.ALTERNATIVES})
_IMPLIED = {
    "object": ("properties", "patternProperties"),
    "array": ("prefixItems", "items"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("pattern", "minLength", "maxLength"),
}


class _TooMuch(Exception):
    """More to read in one parameter than a form should have."""


def read_parameters(schema: object) -> tuple[ParameterSpec, ...]:
    """The parameters of a request schema (OpenAPI 3.0 or JSON Schema), in its order."""
    return read_translated(to_json_schema(schema))


def read_translated(schema: Schema) -> tuple[ParameterSpec, ...]:
    definitions = schema.get("$defs", {})
    properties, required = root_properties(schema, definitions)
    reader = _ParameterReader(definitions)
    return tuple(
        reader.read_parameter(name, child, is_required=name in required)
        for name, child in properties.items()
        if name not in ENVELOPE and not child.get("readOnly")
    )


def root_properties(schema: Schema, definitions: dict[str, Schema]) -> tuple[dict[str, Schema], set[str]]:
    """Those of the root; of a root that is a choice, those of all its alternatives."""
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


class _ParameterReader:
    def __init__(self, definitions: dict[str, Schema]) -> None:
        self.resolver = Resolver(definitions)
        self._reads = 0
        self._reads_in_all = 0
        self._above: list[str] = []

    def read_parameter(self, name: str, schema: Schema, *, is_required: bool) -> ParameterSpec:
        self._reads, self._above = 0, []
        try:
            spec = self.read(name, schema, depth=0)
            if spec.size > MAX_CONTROLS:
                raise _TooMuch
        except _TooMuch:
            spec = with_annotations(self._editor(name, schema), schema)
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
            return with_annotations(self._editor(name, schema), schema)
        concrete = distinct_schemas([branch for branch in branches if not _is_null(branch)])
        if len(concrete) > 1 and (together := loosened(concrete)) is not None:
            concrete = [together]
        is_nullable = any(_is_null(branch) or None in branch.get("enum", ()) for branch in branches)
        if not concrete or depth > MAX_NESTING + 2:
            spec = self._editor(name, schema)
        elif len(concrete) == 1:
            spec = self._read_one(name, concrete[0], depth)
        else:
            spec = self._read_alternatives(name, concrete, depth)
        if depth > MAX_NESTING and spec.kind in _GROUPS:
            spec = self._editor(name, schema)
        noted = {**concrete[0], **resolved} if len(concrete) == 1 else resolved
        return with_annotations(replace(spec, is_nullable=is_nullable), noted)

    def _read_one(self, name: str, schema: Schema, depth: int) -> ParameterSpec:
        origin = schema.get(ORIGIN, "")
        if origin and self._above.count(origin) >= MAX_LOOPS:
            return self._editor(name, schema)
        self._above.append(origin)
        try:
            return self._read_shape(name, schema, depth)
        finally:
            self._above.pop()

    def _read_shape(self, name: str, schema: Schema, depth: int) -> ParameterSpec:
        constants = _constants(schema)
        if constants is not None:
            return self._choice(name, schema, constants)
        kind = schema.get("type") or _implied_type(schema)
        if kind in ("number", "integer"):
            return self._number(name, schema, is_integer=kind == "integer")
        if kind == "string":
            return self._text(name, schema)
        if kind == "array":
            return self._list(name, schema, depth)
        if kind == "object":
            return self._object(name, schema, depth)
        return self._editor(name, schema)

    def _choice(self, name: str, schema: Schema, constants: list[Any]) -> ParameterSpec:
        values = [value for value in constants if value is not None]
        texts = [value for value in values if isinstance(value, str)]
        is_too_much = len(values) > MAX_OPTIONS or any(len(text) > MAX_OPTION for text in texts)
        if is_too_much and len(texts) == len(values):
            return ParameterSpec(name, Kind.STRING, schema, bounds=f"one of {len(values):,} values")
        options = () if is_too_much else options_for(values)
        if not options:
            return self._editor(name, schema)
        return ParameterSpec(name, Kind.CHOICE, schema, options=options)

    def _number(self, name: str, schema: Schema, *, is_integer: bool) -> ParameterSpec:
        span = bounds.number_range(schema, is_integer=is_integer)
        return ParameterSpec(
            name,
            Kind.INTEGER if is_integer else Kind.NUMBER,
            schema,
            minimum=span.lowest,
            maximum=span.highest,
            is_above_minimum=span.is_above,
            is_below_maximum=span.is_below,
            step=schema.get("multipleOf"),
            bounds=bounds.number_bounds(schema, is_integer=is_integer),
        )

    def _text(self, name: str, schema: Schema) -> ParameterSpec:
        if form := date_format(schema):
            return ParameterSpec(name, Kind.DATE, schema, bounds="date", date_format=form)
        return ParameterSpec(name, Kind.STRING, schema, bounds=bounds.text_bounds(schema))

    def _list(self, name: str, schema: Schema, depth: int) -> ParameterSpec:
        if schema.get("prefixItems"):
            return self._tuple(name, schema, depth)
        item = self.read("", schema.get("items") or {}, depth + 1)
        if item.kind is Kind.JSON:
            return self._editor(name, schema)
        kind = Kind.ARRAY
        if not item.is_nullable:
            kind = {
                Kind.STRING: Kind.TAGS,
                Kind.NUMBER: Kind.TAGS,
                Kind.INTEGER: Kind.TAGS,
                Kind.CHOICE: Kind.CHECKS,
            }.get(item.kind, Kind.ARRAY)
        return ParameterSpec(name, kind, schema, item=item, bounds=bounds.list_bounds(schema))

    def _tuple(self, name: str, schema: Schema, depth: int) -> ParameterSpec:
        """Its parts by number. Entries beyond them can be written as JSON."""
        parts = schema["prefixItems"]
        if len(parts) > MAX_PARTS:
            return self._editor(name, schema)
        needed = schema.get("minItems", 0)
        children = tuple(
            replace(self.read(str(number), part, depth + 1), is_required=number <= needed)
            for number, part in enumerate(parts, start=1)
        )
        return ParameterSpec(name, Kind.TUPLE, schema, children=children, bounds="list of fixed parts")

    def _object(self, name: str, schema: Schema, depth: int) -> ParameterSpec:
        required = set(schema.get("required", ()))
        properties = _properties(schema)
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
            return self._choice(name, schema, [constants])
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
                return self._choice(name, schema, [{}])
            return self._editor(name, schema)
        item = self.read("value", values, depth + 1)
        if item.kind is Kind.JSON or item.size > MAX_IN_A_ROW:
            return self._editor(name, schema)
        return ParameterSpec(name, Kind.MAP, schema, item=item, bounds="keys and values")

    def _read_alternatives(self, name: str, branches: list[Schema], depth: int) -> ParameterSpec:
        schema: Schema = {"anyOf": branches}
        if _is_text_or_texts(branches):
            texts = next(branch for branch in branches if branch.get("type") == "array")
            item = ParameterSpec("", Kind.STRING, {"type": "string"})
            limit = bounds.list_bounds(texts) if "maxItems" in texts else "text or list"
            return ParameterSpec(name, Kind.TAGS, schema, item=item, bounds=limit, takes_bare_item=True)
        if all(_constants(branch) is not None for branch in branches):
            values = [value for branch in branches for value in _constants(branch) or ()]
            return self._choice(name, schema, values)
        found = read_branches(branches, lambda child: self.read("", child, depth + 1), self.resolver)
        if len(found) > MAX_OPTIONS:
            return self._editor(name, schema)
        return ParameterSpec(name, Kind.ALTERNATIVES, schema, branches=found)

    def _editor(self, name: str, schema: Schema) -> ParameterSpec:
        return ParameterSpec(name, Kind.JSON, schema, bounds="JSON")


def _is_null(schema: Schema) -> bool:
    return schema.get("type") == "null" or ("const" in schema and schema["const"] is None)


def _constants(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    if "enum" in schema:
        return list(schema["enum"])
    return [True, False] if schema.get("type") == "boolean" else None


def _properties(schema: Schema) -> dict[str, Schema]:
    """Those that have a schema, and those that are only required."""
    properties: dict[str, Schema] = schema.get("properties", {})
    more = schema.get("additionalProperties")
    unnamed = [name for name in schema.get("required", ()) if name not in properties]
    return {**properties, **{name: more or {} for name in unnamed if more is not False}}


def _implied_type(schema: Schema) -> str | None:
    """What was evidently meant where no type is stated."""
    kinds = [kind for kind, keys in _IMPLIED.items() if any(key in schema for key in keys)]
    return kinds[0] if len(kinds) == 1 else None


def _is_text_or_texts(branches: list[Schema]) -> bool:
    if len(branches) != 2 or {branch.get("type") for branch in branches} != {"string", "array"}:
        return False
    text, texts = sorted(branches, key=lambda branch: branch["type"] == "array")
    return set(_shape(text)) == {"type"} and _shape(texts.get("items") or {}) == {"type": "string"}


def _shape(schema: Schema) -> Schema:
    return {key: value for key, value in without_annotations(schema).items() if key != ORIGIN}
