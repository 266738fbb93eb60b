"""Published schemas, translated to plain JSON Schema (draft 2020-12).

OpenAPI 3.0 is almost JSON Schema: ``nullable`` stands beside the type, exclusive bounds are booleans, and
generators leave keywords that mean nothing. Older drafts write tuples, definitions and dependencies in
another way. A validator refuses a whole schema for one malformed keyword, so malformed keywords are left
out: the field then accepts more, and the upstream still checks the value.

https://spec.openapis.org/oas/v3.0.3#schema-object
https://json-schema.org/draft/2020-12/json-schema-validation
"""

from __future__ import annotations

from typing import Any

from playground.parameters.schema.bundling import SchemaTooLarge, bundle
from playground.parameters.schema.keywords import (
    KEYWORD_VALUES,
    TYPES,
    is_number,
    is_valid_pattern,
    unique_names,
)

Schema = dict[str, Any]

# Real documents reach 16; parts that lie deeper accept anything.
MAX_DEPTH = 48
# Each pattern costs up to 20 ms to compile. Real documents have two.
MAX_PATTERNS = 20

_ALTERNATIVES = ("anyOf", "oneOf", "allOf")
_SINGLE = ("not", "contains", "propertyNames", "if", "then", "else")
_CLOSING = ("additionalProperties", "unevaluatedProperties", "unevaluatedItems")
_NAMED = ("properties", "patternProperties", "$defs", "dependentSchemas")


def to_json_schema(schema: object) -> Schema:
    """Return the same constraints as JSON Schema. A value that is no schema accepts everything.

    Formats are kept for the form. In JSON Schema they are annotations.
    """
    if isinstance(schema, dict):
        try:
            schema = bundle(schema, schema)
        except SchemaTooLarge:
            return {}
    return _Translation().of(schema, depth=0, is_alternative=False)


class _Translation:
    def __init__(self) -> None:
        self._patterns: set[str] = set()

    def of(self, schema: object, *, depth: int, is_alternative: bool) -> Schema:
        if schema is False:
            return {"not": {}}
        if not isinstance(schema, dict) or depth > MAX_DEPTH:
            return {}
        if is_alternative and schema.get("nullable") is True and not _says_more_than_null(schema):
            # A typeless {nullable: true} means null among alternatives, and "anything" elsewhere.
            return {"type": "null"}
        result: Schema = {}
        for key, sound in KEYWORD_VALUES.items():
            if key in schema and (value := sound(schema[key])) is not None:
                result[key] = value
        for key in ("const", "default", "example"):
            if key in schema:
                result[key] = schema[key]
        result.update(_types(schema))
        result.update(_exclusive_bounds(schema))
        if self._is_pattern(schema.get("pattern")):
            result["pattern"] = schema["pattern"]
        result.update(self._children(schema, depth + 1))
        result.update(self._items(schema, depth + 1))
        result.update(self._dependencies(schema, depth + 1))
        _drop_read_only(schema, result)
        return _with_null(result) if schema.get("nullable") is True else result

    def _is_pattern(self, pattern: object) -> bool:
        if not isinstance(pattern, str):
            return False
        if len(self._patterns) < MAX_PATTERNS:
            self._patterns.add(pattern)
        return pattern in self._patterns and is_valid_pattern(pattern)

    def _children(self, schema: Schema, depth: int) -> Schema:
        result: Schema = {}
        for key in _SINGLE:
            if isinstance(schema.get(key), dict | bool):
                result[key] = self._one(schema[key], depth)
        for key in _CLOSING:
            if isinstance(schema.get(key), dict | bool):
                result[key] = self._rest(schema[key], depth)
        for key in _NAMED:
            if isinstance(schema.get(key), dict):
                result[key] = {
                    str(name): self._one(child, depth)
                    for name, child in schema[key].items()
                    if key != "patternProperties" or self._is_pattern(name)
                }
        for key in _ALTERNATIVES:
            if isinstance(schema.get(key), list) and schema[key]:
                is_choice = key != "allOf"
                result[key] = [self.of(child, depth=depth, is_alternative=is_choice) for child in schema[key]]
        return result

    def _one(self, schema: object, depth: int) -> Schema:
        return self.of(schema, depth=depth, is_alternative=False)

    def _rest(self, schema: object, depth: int) -> Schema | bool:
        """Translate the schema of further values. False stays false, since readers compare with it."""
        return False if schema is False else self._one(schema, depth)

    def _items(self, schema: Schema, depth: int) -> Schema:
        """Write tuples as ``prefixItems``. Before draft 2020-12 they were a list under ``items``."""
        items, prefix, rest = schema.get("items"), schema.get("prefixItems"), schema.get("items")
        if isinstance(items, list):
            prefix, rest = items, schema.get("additionalItems")
        result: Schema = {}
        if isinstance(prefix, list) and prefix:
            result["prefixItems"] = [self._one(child, depth) for child in prefix]
        if isinstance(rest, dict | bool):
            result["items"] = self._rest(rest, depth)
        return result

    def _dependencies(self, schema: Schema, depth: int) -> Schema:
        """Split ``dependencies``, which became two keywords in draft 2019-09."""
        stated: Schema = {}
        for key in ("dependencies", "dependentRequired"):
            if isinstance(schema.get(key), dict):
                stated.update(schema[key])
        names = {str(key): unique_names(value) for key, value in stated.items() if isinstance(value, list)}
        required = {key: value for key, value in names.items() if value is not None}
        schemas = {
            str(key): self._one(value, depth)
            for key, value in stated.items()
            if isinstance(value, dict | bool)
        }
        result: Schema = {"dependentRequired": required} if required else {}
        if schemas:
            more = schema.get("dependentSchemas")
            named = more.items() if isinstance(more, dict) else ()
            result["dependentSchemas"] = {
                **schemas,
                **{str(key): self._one(child, depth) for key, child in named},
            }
        return result


def _says_more_than_null(schema: Schema) -> bool:
    return bool(schema.keys() & {"type", "enum", "const", "properties", "items", "$ref", *_ALTERNATIVES})


def _types(schema: Schema) -> Schema:
    stated = schema.get("type")
    names = [stated] if isinstance(stated, str) else stated if isinstance(stated, list) else []
    known = [name for name in names if isinstance(name, str) and name in TYPES]
    if not known or len(known) != len(names):
        return {}
    once = list(dict.fromkeys(known))
    return {"type": once[0] if len(once) == 1 else once}


def _exclusive_bounds(schema: Schema) -> Schema:
    """Turn the booleans of draft 4 and OpenAPI 3.0 into numbers."""
    result: Schema = {}
    for exclusive, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if schema.get(exclusive) is True and is_number(schema.get(inclusive)):
            result[exclusive] = schema[inclusive]
    return result


def _drop_read_only(schema: Schema, result: Schema) -> None:
    """Require no ``readOnly`` properties: they come with answers, not with requests."""
    properties = result.get("properties")
    if not properties or "required" not in result:
        return
    read_only = {name for name, child in properties.items() if child.get("readOnly")}
    if read_only:
        result["required"] = [name for name in result["required"] if name not in read_only]


def _with_null(schema: Schema) -> Schema:
    """Accept null too, also in an enum, where generators that write ``nullable`` leave it out."""
    if not schema.keys() & {"type", "enum", "const", "$ref", *_ALTERNATIVES}:
        return schema
    if schema.keys() & {"const", "$ref", *_ALTERNATIVES}:
        return {"anyOf": [schema, {"type": "null"}]}
    result = dict(schema)
    if "type" in result:
        types = result["type"] if isinstance(result["type"], list) else [result["type"]]
        result["type"] = list(dict.fromkeys([*types, "null"]))
    if "enum" in result and None not in result["enum"]:
        result["enum"] = [*result["enum"], None]
    return result
