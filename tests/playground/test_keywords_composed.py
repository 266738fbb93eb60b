"""Schemas made of schemas: choices, conditions, dependencies and references."""

from __future__ import annotations

from typing import Any

import pytest

from playground.parameters.schema.spec import Kind
from tests.playground.form_trips import INTEGER, STRING, disagreements, request_schema_of

CAT: dict[str, Any] = {
    "type": "object",
    "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer", "maximum": 9}},
    "required": ["kind", "lives"],
}
DOG = {
    "type": "object",
    "properties": {"kind": {"const": "dog"}, "tricks": {"type": "array", "items": STRING}},
    "required": ["kind"],
}
NAMED = {"type": "object", "properties": {"name": STRING}, "required": ["name"]}

CHOICES = [
    ({"anyOf": [STRING, {"type": "number"}]}, ["a", 1, 1.5], [None, True]),
    # An object may fit several alternatives, and has to come back whole.
    (
        {"anyOf": [NAMED, {"type": "object", "properties": {"a": {}}}]},
        [{"name": "x"}, {"a": 1, "name": "x"}, {}],
        ["x"],
    ),
    ({"anyOf": [INTEGER, {"type": "number", "minimum": 5}]}, [1, 5.5, 6], [1.5]),
    ({"anyOf": [{"minimum": 2}, STRING]}, [2, "a", None], [1]),
    ({"anyOf": [STRING, {"anyOf": [INTEGER, {"type": "null"}]}]}, ["a", 1, None], [1.5]),
    (
        {"anyOf": [{"type": "string", "enum": ["auto", "none"]}, CAT]},
        ["auto", {"kind": "cat", "lives": 9}],
        ["x", {"kind": "cat"}],
    ),
    (
        {"oneOf": [CAT, DOG]},
        [{"kind": "cat", "lives": 1}, {"kind": "dog"}, {"kind": "dog", "tricks": []}],
        [{"kind": "cow"}],
    ),
    ({"oneOf": [INTEGER, {"minimum": 2}]}, [1, 2.5, "a"], [3, 1.5]),
    ({"oneOf": [{"multipleOf": 3}, {"multipleOf": 5}], "type": "integer"}, [3, 5], [15, 1]),
    ({"oneOf": [True, False]}, [1, "a"], []),
    ({"oneOf": [True, True]}, [], [1, "a"]),
    ({"anyOf": [False, False]}, [], [1, None]),
    # Rules beside properties leave one object.
    (
        {
            "type": "object",
            "properties": {"a": STRING, "b": STRING},
            "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
        },
        [{"a": "x"}, {"a": "x", "b": "y"}],
        [{}, {"c": 1}],
    ),
    # Properties beside a choice belong to each branch.
    (
        {"type": "object", "properties": {"n": INTEGER}, "required": ["n"], "oneOf": [CAT, DOG]},
        [{"n": 1, "kind": "dog"}, {"n": 1, "kind": "cat", "lives": 3}],
        [{"kind": "dog"}, {"n": 1}],
    ),
    ({"anyOf": [{"type": "array", "items": STRING}, STRING]}, ["a", ["a"], [], "", [""]], [1, [1]]),
]
MERGES = [
    ({"allOf": [INTEGER, {"minimum": 1}, {"maximum": 3}]}, [1, 3], [0, 4, 1.5]),
    ({"allOf": [{"minimum": 1}, {"minimum": 3}], "type": "number"}, [3], [2]),
    ({"allOf": [{"type": "number"}, INTEGER]}, [1], [1.5]),
    ({"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]}, ["b"], ["a", "c"]),
    ({"allOf": [{"const": 1}, {"enum": [1, 2]}]}, [1], [2]),
    ({"allOf": [{"enum": ["a"]}, {"enum": ["b"]}]}, [], ["a", "b"]),
    ({"allOf": [STRING, INTEGER]}, [], ["a", 1]),
    (
        {"allOf": [NAMED, {"properties": {"age": INTEGER}}]},
        [{"name": "a", "age": 1}],
        [{"age": 1}, {"name": "a", "age": "b"}],
    ),
    (
        {"allOf": [{"properties": {"a": {"minimum": 1}}}, {"properties": {"a": INTEGER}}], "type": "object"},
        [{"a": 1}, {}],
        [{"a": 0}, {"a": "x"}],
    ),
    (
        {"allOf": [CAT], "properties": {"name": STRING}},
        [{"kind": "cat", "lives": 1, "name": "Tom"}],
        [{"kind": "cat", "name": "Tom"}],
    ),
    ({"allOf": [{"anyOf": [STRING, INTEGER]}, {"not": {"const": 3}}]}, ["a", 2], [3, 1.5]),
    ({"allOf": [{"pattern": "^a"}, {"pattern": "b$"}], "type": "string"}, ["ab"], ["a", "b"]),
    (
        {
            "allOf": [
                {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
                {"properties": {"b": {}}},
            ]
        },
        [{"a": 1}],
        [{"b": 1}],
    ),
    (
        {
            "allOf": [{"type": "object", "properties": {"a": {}}}],
            "properties": {"b": {}},
            "unevaluatedProperties": False,
        },
        [{"a": 1, "b": 2}],
        [{"c": 1}],
    ),
    ({"allOf": [False]}, [], [1, None]),
    ({"allOf": [{"allOf": [STRING]}, {"allOf": [{"maxLength": 2}]}]}, ["ab"], ["abc", 1]),
]
CONDITIONS = [
    ({"not": STRING}, [1, None], ["a"]),
    ({"type": "string", "not": {"enum": ["a"]}}, ["b"], ["a"]),
    ({"not": {}}, [], [1, None]),
    ({"not": False}, [1, None], []),
    (
        {
            "type": "object",
            "properties": {"a": {}, "b": {}},
            "if": {"required": ["a"]},
            "then": {"required": ["b"]},
        },
        [{}, {"b": 1}, {"a": 1, "b": 1}],
        [{"a": 1}],
    ),
    (
        {
            "type": "object",
            "properties": {"mode": {"enum": ["x", "y"]}, "n": INTEGER},
            "if": {"properties": {"mode": {"const": "x"}}},
            "then": {"properties": {"n": {"maximum": 1}}},
            "else": {"properties": {"n": {"minimum": 5}}},
        },
        [{"mode": "x", "n": 1}, {"mode": "y", "n": 5}],
        [{"mode": "x", "n": 5}, {"mode": "y", "n": 1}],
    ),
    ({"if": STRING, "then": {"maxLength": 1}, "else": {"type": "number"}}, ["a", 1], ["ab", None]),
    ({"then": STRING}, [1, "a"], []),
    (
        {"type": "object", "properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["b"]}},
        [{}, {"b": 1}, {"a": 1, "b": 2}],
        [{"a": 1}],
    ),
    (
        {"type": "object", "properties": {"a": {}}, "dependentSchemas": {"a": {"properties": {"b": STRING}}}},
        [{"b": 1}, {"a": 1, "b": "x"}],
        [{"a": 1, "b": 1}],
    ),
    # Drafts before 2019-09 had one keyword for both.
    ({"type": "object", "dependencies": {"a": ["b"]}}, [{}, {"a": 1, "b": 1}], [{"a": 1}]),
    ({"type": "object", "dependencies": {"a": {"required": ["b"]}}}, [{"b": 1}], [{"a": 1}]),
]
TREE = {"type": "object", "properties": {"value": STRING, "inner": {"$ref": "#/$defs/tree"}}}
REFERENCES = [
    ({"$ref": "#/$defs/n"}, {"$defs": {"n": INTEGER}}, [1], ["a"]),
    ({"$ref": "#/definitions/n"}, {"definitions": {"n": INTEGER}}, [1], ["a"]),
    ({"$ref": "#/components/schemas/N"}, {"components": {"schemas": {"N": {"enum": ["a"]}}}}, ["a"], ["b"]),
    ({"$ref": "#/properties/x/$defs/n", "$defs": {"n": INTEGER}}, {}, [1], ["a"]),
    ({"$ref": "#n"}, {"$defs": {"n": {"$anchor": "n", "type": "integer"}}}, [1], ["a"]),
    ({"$ref": "#/$defs/a%20b~1c"}, {"$defs": {"a b/c": INTEGER}}, [1], ["a"]),
    ({"$ref": "#/$defs/n", "maximum": 3}, {"$defs": {"n": INTEGER}}, [3], [4, "a"]),
    ({"$ref": "#/$defs/a"}, {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": INTEGER}}, [1], ["a"]),
    ({"$ref": "#/$defs/no"}, {"$defs": {"no": False}}, [], [1, None]),
    (
        {"$ref": "#/$defs/tree"},
        {"$defs": {"tree": TREE}},
        [{"inner": {"inner": {"inner": {"value": "x"}}}}],
        [{"inner": {"inner": {"value": 1}}}],
    ),
    ({"type": "array", "items": {"$ref": "#/properties/x"}}, {}, [[], [[[]]]], [[1], [[[1]]]]),
    (
        {"anyOf": [STRING, {"type": "array", "items": {"$ref": "#/properties/x"}}]},
        {},
        ["a", [["a"], "b"]],
        [1, [[1]]],
    ),
    # Nothing is fetched, and a reference that leads nowhere accepts everything.
    ({"$ref": "https://169.254.169.254/schema"}, {}, [1, None, "a"], []),
    ({"$ref": "file:///etc/passwd"}, {}, [1], []),
    ({"$ref": "#/$defs/gone"}, {}, [1, None], []),
    ({"$ref": "#/$defs/a"}, {"$defs": {"a": {"$ref": "#/$defs/a"}}}, [1], []),
]


@pytest.mark.parametrize(("schema", "accepted", "refused"), [*CHOICES, *MERGES, *CONDITIONS], ids=str)
def test_it_means_what_the_standard_says(schema, accepted, refused):
    assert disagreements(schema, accepted, refused) == []


@pytest.mark.parametrize(("schema", "document", "accepted", "refused"), REFERENCES, ids=str)
def test_it_follows_references_inside_the_document_only(schema, document, accepted, refused):
    assert disagreements(schema, accepted, refused, **document) == []


@pytest.mark.parametrize(
    ("schema", "labels"),
    [
        ({"oneOf": [CAT, DOG]}, ["cat", "dog"]),
        ({"anyOf": [STRING, {"type": "number"}, {"type": "null"}]}, ["text", "number"]),
        ({"anyOf": [{"title": "Exactly", **NAMED}, STRING]}, ["Exactly", "text"]),
        ({"anyOf": [{"enum": ["auto", "none"]}, NAMED, {"enum": ["none"]}]}, ["auto", "none", "object"]),
        (
            {"anyOf": [{"type": "array", "items": CAT}, {"type": "array", "items": {"oneOf": [DOG, NAMED]}}]},
            ["list of cat", "list of dog and others"],
        ),
        ({"type": ["string", "object"], "properties": {"a": STRING}}, ["text", "object"]),
    ],
)
def test_it_names_alternatives_by_what_tells_them_apart(schema, labels):
    (spec,) = request_schema_of(schema).specs
    assert spec.kind is Kind.ALTERNATIVES
    assert [branch.label for branch in spec.branches] == labels


@pytest.mark.parametrize(
    ("schema", "kind", "bounds"),
    [
        ({"allOf": [{"type": "number", "minimum": 0}, {"maximum": 2, "minimum": 1}]}, Kind.NUMBER, "1 – 2"),
        ({"allOf": [INTEGER, {"type": "number", "maximum": 4.5}]}, Kind.INTEGER, "integer ≤ 4"),
        ({"allOf": [{"enum": ["a", "b", "c"]}, {"enum": ["c", "b"]}]}, Kind.CHOICE, ""),
        ({"allOf": [STRING, INTEGER]}, Kind.JSON, "JSON"),
        ({"type": "number", "anyOf": [{"maximum": -1}, {"minimum": 1}]}, Kind.NUMBER, "number"),
        ({"anyOf": [{"enum": ["a"]}, {"enum": ["b"]}, {"type": "boolean"}]}, Kind.CHOICE, ""),
        (
            {"anyOf": [{"type": "number", "maximum": 1}, {"type": "integer", "maximum": 5}]},
            Kind.NUMBER,
            "number ≤ 5",
        ),
        (
            {"anyOf": [{"type": "string", "format": "uri"}, {"type": "string", "pattern": "^x"}]},
            Kind.STRING,
            "text",
        ),
        ({"type": "array", "prefixItems": [{"type": "number"}]}, Kind.TUPLE, "list of fixed parts"),
    ],
)
def test_it_merges_what_one_control_can_say(schema, kind, bounds):
    (spec,) = request_schema_of(schema).specs
    assert (spec.kind, spec.bounds) == (kind, bounds)


def test_it_offers_a_schema_within_itself_twice_and_json_below():
    (spec,) = request_schema_of({"$ref": "#/$defs/tree"}, **{"$defs": {"tree": TREE}}).specs
    kinds = []
    while spec.children:
        kinds.append(spec.kind)
        spec = next(child for child in spec.children if child.name == "inner")
    assert [*kinds, spec.kind] == [Kind.OBJECT, Kind.OBJECT, Kind.JSON]
