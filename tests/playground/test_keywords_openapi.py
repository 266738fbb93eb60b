"""The additions of OpenAPI 3.0 and 3.1 to JSON Schema, as generators write them."""

from __future__ import annotations

from typing import Any

import pytest

from playground.parameters.schema.reader import read_parameters
from playground.parameters.schema.spec import UNSET, Kind, ParameterSpec
from tests.playground.form_trips import INTEGER, STRING, disagreements, request_schema_of

REFERRED = {"components": {"schemas": {"N": {"type": "object", "properties": {"a": INTEGER}}}}}
NULLABLE = [
    ({"type": "number", "nullable": True, "maximum": 2}, [None, 1, 2.0], [3, "1", True]),
    ({"type": "string", "nullable": True, "enum": ["a"]}, [None, "a"], ["b", 1]),
    ({"type": "string", "nullable": True, "enum": ["a", None]}, [None, "a"], ["b"]),
    ({"nullable": True, "const": "a"}, [None, "a"], ["b"]),
    ({"type": "array", "nullable": True, "items": STRING}, [None, [], ["a"]], [[None]]),
    (
        {"type": "object", "nullable": True, "properties": {"a": STRING}},
        [None, {}, {"a": "b"}],
        [[], {"a": 1}],
    ),
    # A typeless schema means null among alternatives, and anything elsewhere.
    ({"anyOf": [STRING, {"nullable": True}]}, [None, "x"], [1, {}]),
    ({"oneOf": [INTEGER, {"nullable": True, "title": "nothing"}]}, [None, 1], ["a"]),
    ({"nullable": True}, [None, 1, "x", {}], []),
    ({"type": "object", "additionalProperties": {"nullable": True}}, [{"a": None, "b": [1]}], [[], None]),
    ({"nullable": True, "oneOf": [STRING]}, [None, "x"], [1]),
    ({"nullable": True, "allOf": [STRING, {"maxLength": 1}]}, [None, "x"], [1, "xy"]),
    ({"nullable": True, "$ref": "#/components/schemas/N"}, [None, {"a": 1}], [{"a": "x"}, 1]),
    ({"nullable": False, "type": "string"}, ["x"], [None]),
    ({"nullable": "yes", "type": "string"}, ["x"], [None]),
]
BOUNDS = [
    ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, [0.1], [0]),
    ({"type": "number", "maximum": 1, "exclusiveMaximum": True, "minimum": 0}, [0, 0.9], [1]),
    ({"type": "number", "minimum": 0, "exclusiveMinimum": False}, [0], [-1]),
    ({"type": "number", "exclusiveMinimum": True}, [0, -1], []),
    ({"type": "array", "items": [INTEGER, STRING]}, [[1, "a", None], [1]], [["a"]]),
    ({"type": "array", "items": [INTEGER], "additionalItems": False}, [[1], []], [[1, 2]]),
    (
        {"type": "array", "items": [INTEGER], "additionalItems": STRING},
        [[1, "a"]],
        [[1, 2]],
    ),
]
# Schemas that a validator refuses, and schemas that no value can fit.
NONSENSE: list[Any] = [
    ("nonsense", [1, None, "a"], []),
    (None, [1, None], []),
    ([], [1], []),
    ({"type": "file"}, [1, "a"], []),
    ({"type": "strnig", "maxLength": 1}, ["a", 1], ["ab"]),
    ({"type": ["string", "file"]}, [1, "a"], []),
    ({"type": []}, [1, "a"], []),
    ({"type": "string", "enum": []}, ["a"], [1]),
    ({"type": "string", "enum": "a"}, ["b"], [1]),
    ({"type": "integer", "minimum": "1", "maxLength": -3, "multipleOf": 0}, [0, 5.0], [1.5]),
    ({"type": "string", "maxLength": 2.0, "minLength": 1.5}, ["", "ab"], ["abc"]),
    ({"type": "number", "minimum": 3, "maximum": 1}, [], [0, 2, 4]),
    ({"type": "string", "minLength": 3, "maxLength": 1}, [], ["a", "abc"]),
    ({"type": "integer", "enum": ["1", "2"]}, [], [1, "1"]),
    ({"type": "string", "pattern": "(?<=a)b["}, ["anything"], [1]),
    ({"type": "string", "pattern": 3}, ["anything"], [1]),
    ({"type": "object", "properties": []}, [{}, {"a": 1}], [1]),
    ({"type": "object", "properties": {"a": None, "b": 3}}, [{"a": 1, "b": None}], [[]]),
    ({"type": "object", "required": "a", "properties": {"a": STRING}}, [{}, {"a": "b"}], [{"a": 1}]),
    ({"type": "object", "required": ["a", "a"], "properties": {"a": STRING}}, [{"a": "b"}], [{}]),
    ({"type": "object", "required": ["a", 3], "properties": {"a": STRING}}, [{}, {"a": "b"}], [{"a": 1}]),
    ({"type": "object", "required": True, "properties": {"a": {"required": True}}}, [{}, {"a": "b"}], [1]),
    ({"anyOf": [], "type": "string"}, ["a"], [1]),
    ({"anyOf": STRING}, [1, "a"], []),
    ({"anyOf": [None, 3]}, [1, "a"], []),
    ({"allOf": "x", "oneOf": 3, "not": [], "if": 3, "items": "y"}, [1, "a", []], []),
    ({"$ref": 3, "type": "string"}, ["a"], [1]),
    ({"discriminator": "kind", "oneOf": [STRING, INTEGER]}, ["a", 1], [None]),
    ({"discriminator": {"propertyName": "k"}, "oneOf": [STRING, INTEGER]}, ["a", 1], [None]),
    ({"dependentRequired": {"a": "b"}, "dependencies": ["a"], "type": "object"}, [{}, {"a": 1}], [[]]),
    ({"x-internal": STRING, "type": "integer"}, [1], ["a"]),
    ({"type": "string", "default": 3, "example": {}, "examples": "none", "deprecated": "soon"}, ["a"], [3]),
    # Published documents have such fields, with the schema of another one.
    (
        {
            "anyOf": [
                {"type": "string", "enum": ["auto"]},
                {
                    "type": "object",
                    "properties": {
                        "type": {"enum": ["tool"]},
                        "function": {"type": "string", "enum": ["name"]},
                    },
                    "required": ["type", "function"],
                },
            ]
        },
        ["auto", {"type": "tool", "function": "name"}],
        [{"type": "tool"}],
    ),
]


def read(schema: object, **document: object) -> ParameterSpec:
    (spec,) = request_schema_of(schema, **document).specs
    return spec


@pytest.mark.parametrize(("schema", "accepted", "refused"), [*NULLABLE, *BOUNDS], ids=str)
def test_it_means_what_openapi_says(schema, accepted, refused):
    assert disagreements(schema, accepted, refused, **REFERRED) == []


@pytest.mark.parametrize(("schema", "accepted", "refused"), NONSENSE, ids=str)
def test_it_leaves_out_what_means_nothing_and_keeps_the_rest(schema, accepted, refused):
    assert disagreements(schema, accepted, refused) == []


ANIMALS = {
    "components": {
        "schemas": {
            "Cat": {
                "type": "object",
                "properties": {"kind": STRING, "lives": INTEGER},
            },
            "Dog": {"type": "object", "properties": {"kind": STRING, "name": STRING}},
        }
    }
}
BOTH = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]


@pytest.mark.parametrize(
    ("mapping", "labels"),
    [
        ({}, ["Cat", "Dog"]),
        ({"feline": "#/components/schemas/Cat", "canine": "Dog"}, ["feline", "canine"]),
        ({"feline": "https://example.org/cat", "canine": "#/components/schemas/Dog"}, ["Cat", "canine"]),
    ],
)
def test_a_discriminator_names_the_alternatives(mapping, labels):
    schema = {"oneOf": BOTH, "discriminator": {"propertyName": "kind", "mapping": mapping}}
    spec = read(schema, **ANIMALS)
    assert [branch.label for branch in spec.branches] == labels
    assert [branch.spec.constants for branch in spec.branches if branch.spec] == [
        {"kind": label} for label in labels
    ]


def test_a_discriminator_decides_nothing_about_what_is_valid():
    schema = {"anyOf": BOTH, "discriminator": {"propertyName": "kind"}}
    assert (
        disagreements(
            schema, [{"kind": "Cat", "lives": 9}, {"lives": 1}], [{"lives": "x", "name": 1}], **ANIMALS
        )
        == []
    )


def test_it_offers_nothing_that_is_only_for_answers():
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "key": {"type": "string", "writeOnly": True},
            "inner": {
                "type": "object",
                "properties": {"at": {"type": "string", "readOnly": True}, "n": INTEGER},
                "required": ["at", "n"],
            },
        },
        "required": ["id"],
    }
    key, inner = read_parameters(schema)
    assert (key.name, inner.name) == ("key", "inner")
    assert [child.name for child in inner.children] == ["n"]
    # This property is required in answers only.
    assert disagreements(schema["properties"]["inner"], [{"n": 1}], [{}, {"n": "x"}]) == []


def test_it_marks_what_is_deprecated():
    assert read({"type": "string", "deprecated": True}).is_deprecated
    assert not read({"type": "string", "deprecated": "yes"}).is_deprecated
    assert read(
        {"$ref": "#/$defs/old"}, **{"$defs": {"old": {"type": "string", "deprecated": True}}}
    ).is_deprecated


@pytest.mark.parametrize(
    ("title", "shown"),
    [("How much to vary", "How much to vary."), ("X", ""), ("x ", ""), ("", ""), (3, ""), ("a" * 500, "")],
)
def test_a_title_is_help_unless_it_is_the_name_again(title, shown):
    assert read({"type": "string", "title": title}).help == shown


def test_it_keeps_examples_that_are_short():
    assert read(
        {"type": "string", "examples": ["a", "b", "a", "c" * 100, {"d": 1}], "example": "e"}
    ).examples == ("a", "b", "e")
    assert read({"type": "string", "examples": "nonsense"}).examples == ()


@pytest.mark.parametrize(
    ("schema", "default"),
    [
        ({"type": "integer", "default": 512}, 512),
        (INTEGER, UNSET),
        ({"type": "integer", "default": "512"}, UNSET),
        ({"type": "number", "maximum": 2, "default": 3}, UNSET),
        ({"type": "number", "default": None}, UNSET),
        ({"type": "number", "nullable": True, "default": None}, None),
        ({"enum": ["a"], "default": "b"}, UNSET),
        ({"type": "string", "default": "x" * 1000}, UNSET),
        ({"anyOf": [STRING, {"type": "null"}], "default": "a"}, "a"),
        ({"allOf": [{"$ref": "#/$defs/mode"}], "default": "fast"}, "fast"),
    ],
)
def test_it_shows_a_default_that_could_be_sent(schema, default):
    assert read(schema, **{"$defs": {"mode": {"enum": ["fast", "slow"]}}}).default is default


@pytest.mark.parametrize(
    ("schema", "form"),
    [
        ({"type": "string", "format": "date"}, "%Y-%m-%d"),
        ({"type": "string", "pattern": "^(0?[1-9]|1[0-2])\\/(0?[1-9]|[12]\\d|3[01])\\/\\d{4}$"}, "%m/%d/%Y"),
        ({"type": "string", "pattern": "^(0[1-9]|[12]\\d|3[01])\\.(0[1-9]|1[0-2])\\.\\d{4}$"}, "%d.%m.%Y"),
        ({"type": "string", "pattern": "^\\d{4}-(0\\d|1[0-2])-[0-3]\\d$"}, "%Y-%m-%d"),
        # Here both orders of day and month fit, or the pattern accepts more than dates.
        ({"type": "string", "pattern": "^\\d{2}/\\d{2}/\\d{4}$"}, ""),
        ({"type": "string", "pattern": "^[A-Z]{2}$"}, ""),
        ({"type": "string", "pattern": "."}, ""),
        ({"type": "string", "format": "date-time"}, ""),
    ],
)
def test_it_knows_dates_by_their_form(schema, form):
    spec = read(schema)
    assert (spec.kind, spec.date_format) == ((Kind.DATE, form) if form else (Kind.STRING, ""))
