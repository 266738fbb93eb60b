"""JSON Schema's validation keywords: each with values that fit and values that do not.

The verdicts are those of https://json-schema.org/draft/2020-12/json-schema-validation. Every value
that fits goes through the form and back; every other one is refused by it in words.
"""

from __future__ import annotations

import pytest

from tests.playground.form_trips import disagreements

TYPES = [
    ({"type": "string"}, ["", "a", "1", "null"], [1, True, None, [], {}]),
    ({"type": "number"}, [0, -1, 1.5, 1e21, 2**53], ["1", True, None, [1]]),
    ({"type": "integer"}, [0, 1.0, -(2**60)], [1.5, "1", False]),
    ({"type": "boolean"}, [True, False], [0, 1, "true", None]),
    ({"type": "null"}, [None], [0, "", False, "null", [], {}]),
    ({"type": "array"}, [[], [1, "a", None]], [{}, "[]"]),
    ({"type": "object"}, [{}, {"a": [1]}], [[], "{}"]),
    ({"type": ["string", "null"]}, ["", None], [0, False]),
    ({"type": ["integer", "string", "boolean"]}, [1, "1", True], [1.5, None]),
    ({"type": ["number", "integer"]}, [1, 1.5], ["1"]),
    ({"type": ["array", "object"]}, [[], {}, [1], {"a": 1}], ["", 1]),
    ({}, [None, 0, "", [], {}, False], []),
    (True, [None, 0, "", [], {}, False], []),
    (False, [], [None, 0, "", [], {}, False]),
]
CONSTANTS = [
    ({"enum": ["a", "b"]}, ["a", "b"], ["c", "", None]),
    ({"enum": ["", " ", "=x", "null", "=null"]}, ["", " ", "=x", "null", "=null"], ["x", None]),
    (
        {"enum": [1, True, "1", None, [1], {"a": 1}]},
        [1, 1.0, True, "1", None, [1], {"a": 1}],
        [False, 2, [True]],
    ),
    ({"enum": [True, "true", False, "false"]}, [True, "true", False, "false"], [1, "on"]),
    ({"enum": [0, False]}, [0, 0.0, False], ["", None, True]),
    ({"enum": [1, 1, 1.0, "a", "a"]}, [1, "a"], [2]),
    ({"type": "string", "enum": ["a", 1, None]}, ["a"], [1, None]),
    ({"type": ["string", "integer"], "enum": ["a", 1]}, ["a", 1], ["b", 2]),
    ({"const": 1}, [1, 1.0], [True, "1", 2]),
    ({"const": None}, [None], [0, ""]),
    ({"const": {"a": [1]}}, [{"a": [1]}], [{}, {"a": [2]}]),
    ({"const": False}, [False], [0, None]),
]
NUMBERS = [
    ({"type": "number", "minimum": 0, "maximum": 2}, [0, 2, 1.5], [-0.1, 2.1]),
    ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, [0.5, 1e-9], [0, 1]),
    ({"type": "number", "minimum": 1, "exclusiveMinimum": 0}, [1], [0.5]),
    ({"type": "number", "minimum": 0, "exclusiveMinimum": 1}, [1.5], [1]),
    ({"type": "integer", "minimum": 0.5, "maximum": 2.5}, [1, 2], [0, 3]),
    ({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 4}, [2, 3], [1, 4]),
    ({"minimum": 1}, [1, "0", None, [], False], [0]),
    ({"type": "integer", "multipleOf": 64}, [0, 64, -128], [1, 65]),
    ({"type": "number", "multipleOf": 0.1}, [0.3, 0.7, 1.1, 19.9, 1], [0.35, 0.05]),
    ({"type": "number", "multipleOf": 0.01}, [0.07, 4.35, 1.13, 19.99], [0.075]),
    ({"type": "number", "multipleOf": 2.5}, [0, 2.5, -5], [1]),
    ({"type": "integer", "multipleOf": 1e-8}, [1, 12391239123], []),
    ({"type": "integer", "maximum": 10**30}, [10**30, 10**29], [10**30 + 1]),
]
TEXTS = [
    ({"type": "string", "minLength": 2, "maxLength": 3}, ["ab", "abc", "日本"], ["a", "abcd"]),
    # Lengths count code points, not bytes or UTF-16 units.
    ({"type": "string", "maxLength": 1}, ["💥", "é", "日"], ["💥💥", "e\u0301"]),
    ({"minLength": 1}, ["a", 0, None], [""]),
    ({"type": "string", "pattern": "b"}, ["b", "abc"], ["a", ""]),
    ({"type": "string", "pattern": "^b$"}, ["b"], ["ab", "b\n", "a\nb"]),
    ({"type": "string", "pattern": "^\\d+$"}, ["12"], ["١٢", "a"]),
    ({"type": "string", "pattern": "^\\w+$"}, ["a_1"], ["é", "a b"]),
    ({"type": "string", "pattern": "^\\p{L}+$"}, ["é", "日本"], ["1", ""]),
    ({"type": "string", "pattern": "^\\p{Letter}+$"}, ["é"], ["1"]),
    ({"type": "string", "pattern": "^.$"}, ["💥"], ["ab", "\n"]),
    ({"type": "string", "pattern": "^[\\w.-]+\\/[^\\s]*$"}, ["a.b/c"], ["a b/c"]),
    ({"type": "string", "pattern": "^(?=.*\\d)(?=.*[a-z]).{3,}$"}, ["ab1"], ["abc", "1b"]),
    ({"type": "string", "pattern": "(?<!un)known$"}, ["known"], ["unknown"]),
    ({"type": "string", "pattern": "^(.)\\1$"}, ["aa"], ["ab"]),
    # A format is an annotation: no value is refused for it.
    ({"type": "string", "format": "date"}, ["2026-01-31", "someday", "", "a\nb"], [1]),
    ({"type": "string", "format": "uri"}, ["https://example.org", "x"], [1]),
    ({"type": "string", "contentEncoding": "base64"}, ["YQ==", "?"], [1]),
]
LISTS = [
    ({"type": "array", "items": {"type": "string"}}, [[], ["a"], ["", "a\nb"]], [[1], ["a", None]]),
    (
        {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2},
        [[1], [1, 2]],
        [[], [1, 2, 3]],
    ),
    ({"type": "array", "items": True}, [[], [1, None]], [{}]),
    ({"type": "array", "items": False}, [[]], [[1]]),
    ({"items": {"type": "string"}}, [["a"], "a", 1, None], [[1]]),
    (
        {"type": "array", "uniqueItems": True},
        [[1, True], [0, False], [1, "1"], [[1], [2]]],
        [[1, 1], [1, 1.0]],
    ),
    (
        {"type": "array", "uniqueItems": True, "items": {"enum": ["a", "b"]}},
        [["a"], ["b", "a"], []],
        [["a", "a"], ["c"]],
    ),
    (
        {"prefixItems": [{"type": "integer"}, {"type": "string"}]},
        [[1, "a"], [1], [], [1, "a", None], {}],
        [["a"], [1, 2]],
    ),
    (
        {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False},
        [[1, "a"], [1], []],
        [[1, "a", 2], ["a", 1]],
    ),
    (
        {"type": "array", "prefixItems": [{"type": "integer"}], "items": {"type": "string"}, "minItems": 2},
        [[1, "a"], [1, "a", "b"]],
        [[1], [1, 2]],
    ),
    ({"type": "array", "contains": {"const": 1}}, [[1], [2, 1]], [[], [2]]),
    ({"type": "array", "contains": {"const": 1}, "minContains": 2}, [[1, 1]], [[1], [2, 2]]),
    ({"type": "array", "contains": {"const": 1}, "maxContains": 1}, [[1], [1, 2]], [[1, 1], []]),
    ({"type": "array", "contains": {"const": 1}, "minContains": 0}, [[], [2]], []),
    ({"type": "array", "prefixItems": [{}], "unevaluatedItems": False}, [[], [1]], [[1, 2]]),
]
OBJECTS = [
    ({"type": "object", "properties": {"a": {"type": "integer"}}}, [{}, {"a": 1}, {"b": "x"}], [{"a": "x"}]),
    ({"type": "object", "properties": {"a": {}}, "required": ["a"]}, [{"a": None}, {"a": 1}], [{}, {"b": 1}]),
    ({"type": "object", "required": ["a"]}, [{"a": 1, "b": 2}], [{}]),
    (
        {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False},
        [{}, {"a": ""}],
        [{"b": 1}],
    ),
    (
        {"type": "object", "properties": {"a": True}, "additionalProperties": {"type": "number"}},
        [{"a": "x", "b": 1}],
        [{"b": "x"}],
    ),
    ({"type": "object", "additionalProperties": {"type": "number"}}, [{}, {"": 1}, {"a.b": 2}], [{"a": "x"}]),
    ({"type": "object", "additionalProperties": False}, [{}], [{"a": 1}]),
    (
        {"type": "object", "patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": False},
        [{}, {"x-a": "b"}],
        [{"a": "b"}, {"x-a": 1}],
    ),
    (
        {
            "type": "object",
            "properties": {"x-a": {"type": "string"}},
            "patternProperties": {"^x": {"maxLength": 1}},
        },
        [{"x-a": "b", "xb": 1}],
        [{"x-a": "bc"}, {"xb": "bc"}],
    ),
    (
        {"type": "object", "propertyNames": {"maxLength": 1}, "additionalProperties": {"type": "integer"}},
        [{}, {"a": 1}],
        [{"ab": 1}],
    ),
    ({"type": "object", "minProperties": 1, "maxProperties": 2}, [{"a": 1}], [{}, {"a": 1, "b": 2, "c": 3}]),
    ({"type": "object", "properties": {"$ref": {"type": "string"}}}, [{"$ref": "a"}], [{"$ref": 1}]),
    ({"type": "object", "properties": {"state": {"type": "string"}, "0": {}}}, [{"state": "a", "0": 1}], []),
    ({"type": "object", "properties": {"a": False, "b": {"type": "null"}}}, [{}, {"b": None}], [{"a": 1}]),
]


@pytest.mark.parametrize(
    ("schema", "accepted", "refused"), [*TYPES, *CONSTANTS, *NUMBERS, *TEXTS, *LISTS, *OBJECTS], ids=str
)
def test_it_means_what_the_standard_says(schema, accepted, refused):
    assert disagreements(schema, accepted, refused) == []
