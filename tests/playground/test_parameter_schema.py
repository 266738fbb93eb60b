from __future__ import annotations

import doctest

import pytest

from playground.parameters.form import entry, entry_from_value, escapes
from playground.parameters.schema import bounds
from playground.parameters.schema.reader import MAX_CONTROLS, read_parameters
from playground.parameters.schema.spec import UNSET, Kind, ParameterSpec


def spec_of(schema: object, definitions: object = None) -> ParameterSpec:
    (spec,) = read_parameters({"type": "object", "properties": {"x": schema}, "$defs": definitions})
    return spec


def _object(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties)}


@pytest.mark.parametrize(
    ("schema", "kind", "bounds_shown"),
    [
        ({"type": "number", "minimum": 0, "maximum": 2}, Kind.NUMBER, "0 – 2"),
        ({"type": "number", "minimum": -2, "maximum": 2}, Kind.NUMBER, "−2 – 2"),
        ({"type": "integer", "minimum": 1}, Kind.INTEGER, "integer ≥ 1"),
        ({"type": "integer", "minimum": 1, "maximum": 32768}, Kind.INTEGER, "1 – 32,768"),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, Kind.NUMBER, "number > 0"),
        ({"type": "string"}, Kind.STRING, "text"),
        ({"type": "string", "maxLength": 64}, Kind.STRING, "up to 64 characters"),
        ({"type": "boolean"}, Kind.CHOICE, ""),
        ({"type": "string", "enum": ["a", "b"]}, Kind.CHOICE, ""),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 4}, Kind.TAGS, "up to 4"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, Kind.CHECKS, "list"),
        (
            {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
            Kind.ARRAY,
            "list",
        ),
        ({"type": "object", "additionalProperties": {"type": "number"}}, Kind.MAP, "keys and values"),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, Kind.OBJECT, ""),
        ({"type": "object", "additionalProperties": {"nullable": True}}, Kind.JSON, "JSON"),
        ({"nullable": True}, Kind.JSON, "JSON"),
        ({}, Kind.JSON, "JSON"),
        ({"type": "array"}, Kind.JSON, "JSON"),
        (True, Kind.JSON, "JSON"),
        ({"type": "file"}, Kind.JSON, "JSON"),
        ("nonsense", Kind.JSON, "JSON"),
    ],
)
def test_it_finds_the_control_for_each_kind_of_schema(schema, kind, bounds_shown):
    spec = spec_of(schema)
    assert (spec.kind, spec.bounds) == (kind, bounds_shown)


def test_it_leaves_out_the_transcript_and_how_the_answer_travels():
    names = ["model", "messages", "input", "stream", "stream_options", "temperature"]
    specs = read_parameters({"properties": {name: {"type": "number"} for name in names}})
    assert [spec.name for spec in specs] == ["temperature"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number", "nullable": True},
        {"type": ["number", "null"]},
        {"anyOf": [{"type": "number"}, {"nullable": True}]},
        {"anyOf": [{"type": "number"}, {"type": "null"}]},
        {"oneOf": [{"anyOf": [{"type": "number"}]}, {"type": "null"}]},
    ],
)
def test_it_reads_every_way_to_allow_null(schema):
    spec = spec_of(schema)
    assert (spec.kind, spec.is_nullable) == (Kind.NUMBER, True)


def test_it_allows_null_in_an_enum_that_is_nullable_but_does_not_list_it():
    spec = spec_of({"type": "string", "nullable": True, "enum": ["low", "high"]})
    assert spec.is_nullable
    assert [option.value for option in spec.options] == ["low", "high"]


def test_it_turns_text_or_list_into_one_list():
    stop = spec_of(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"nullable": True}]}
    )
    assert (stop.kind, stop.takes_bare_item, stop.is_nullable) == (Kind.TAGS, True, True)


def test_it_names_alternatives_after_what_tells_them_apart():
    spec = spec_of(
        {
            "anyOf": [
                {"type": "string", "enum": ["none", "auto"]},
                _object(type={"enum": ["function"]}, name={"type": "string"}),
                _object(type={"enum": ["function"]}, function={"enum": ["name"]}),
                {"nullable": True},
            ]
        }
    )
    assert spec.kind is Kind.ALTERNATIVES
    assert spec.is_nullable
    labels = [branch.label for branch in spec.branches]
    assert labels == ["none", "auto", "function", '{"type": "function", "function": "name"}']
    assert len({branch.token for branch in spec.branches}) == 4
    assert spec.branches[2].spec and spec.branches[2].spec.constants == {"type": "function"}
    assert spec.branches[3].value == {"type": "function", "function": "name"}


def test_it_asks_only_for_what_is_not_fixed():
    spec = spec_of(
        {
            "type": "object",
            "properties": {"type": {"enum": ["enabled"]}, "budget": {"type": "integer"}},
            "required": ["type", "budget"],
        }
    )
    assert [child.name for child in spec.children] == ["budget"]
    assert spec.constants == {"type": "enabled"}
    assert not spec.needs_switch


def test_it_offers_a_switch_for_a_group_that_says_something_while_empty():
    spec = spec_of(
        {
            "type": "object",
            "properties": {"type": {"enum": ["ephemeral"]}, "ttl": {"type": "string"}},
            "required": ["type"],
        }
    )
    assert spec.needs_switch


def test_it_keeps_the_default_for_show():
    assert spec_of({"type": "integer", "default": 512}).default == 512
    assert spec_of({"type": "integer"}).default is UNSET


def test_it_follows_references_and_merges():
    definitions = {
        "Name": {"type": "string", "maxLength": 5},
        "Base": {"type": "object", "properties": {"a": {"$ref": "#/$defs/Name"}}},
    }
    schema = {
        "allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"b": {"type": "boolean"}}, "required": ["b"]}]
    }
    spec = spec_of(schema, definitions)
    assert [(child.name, child.kind, child.is_required) for child in spec.children] == [
        ("a", Kind.STRING, False),
        ("b", Kind.CHOICE, True),
    ]


@pytest.mark.parametrize(
    "definitions",
    [
        {"Loop": {"$ref": "#/$defs/Loop"}},
        {"Loop": {"type": "object", "properties": {"again": {"$ref": "#/$defs/Loop"}}}},
        {"Loop": {"anyOf": [{"$ref": "#/$defs/Loop"}, {"type": "string"}]}},
        {"Loop": {"allOf": [{"type": "string"}, {"type": "number"}]}},
        {},
    ],
)
def test_it_ends_with_references_in_a_loop_or_into_nothing(definitions):
    spec = spec_of({"$ref": "#/$defs/Loop"}, definitions)
    assert spec.kind in (Kind.JSON, Kind.OBJECT, Kind.STRING, Kind.CHOICE, Kind.ALTERNATIVES)


def test_it_never_looks_outside_for_a_reference():
    assert spec_of({"$ref": "https://example.org/schema.json"}).kind is Kind.JSON


def test_it_gives_an_editor_to_what_would_be_too_large_a_form():
    many = {f"p{number}": {"type": "string"} for number in range(MAX_CONTROLS + 1)}
    assert spec_of({"type": "object", "properties": many}).kind is Kind.JSON


def test_it_gives_an_editor_to_what_lies_too_deep():
    schema: dict[str, object] = {"type": "string"}
    for _ in range(30):
        schema = {"type": "object", "properties": {"in": schema}}
    spec, depth = spec_of(schema), 0
    while spec.kind is Kind.OBJECT:
        spec, depth = spec.children[0], depth + 1
    assert spec.kind is Kind.JSON
    assert depth < 10


def test_it_reads_a_root_that_is_a_choice():
    schema = {
        "anyOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"type": "object", "properties": {"b": {"type": "number"}}},
        ]
    }
    specs = read_parameters(schema)
    assert [(spec.name, spec.is_required) for spec in specs] == [("a", False), ("b", False)]


@pytest.mark.parametrize(
    "schema", [None, [], "x", 3, {"properties": []}, {"type": "object", "required": "a"}]
)
def test_it_reads_nothing_from_what_is_no_schema(schema):
    assert read_parameters(schema) == ()


@pytest.mark.parametrize("module", [bounds, entry, escapes, entry_from_value])
def test_the_examples_in_the_docstrings_are_true(module):
    assert doctest.testmod(module).failed == 0
