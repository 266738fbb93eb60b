"""The rules of a schema that concern several parameters, in a form without a transcript."""

from __future__ import annotations

from typing import Any

import pytest

from playground.parameters.form.body import BodyInvalid, build_body
from playground.parameters.form.parameter_form import ParameterForm
from playground.parameters.schema.request_schema import read_request_schema

NUMBERS: dict[str, Any] = {"a": {"type": "number"}, "b": {"type": "number"}}
ENVELOPE: dict[str, Any] = {"model": {"type": "string"}, "messages": {"type": "array"}, "stream": {}}


def form_for(rules: dict[str, Any], **values: float) -> ParameterForm:
    schema = {"type": "object", "properties": {**NUMBERS, **ENVELOPE}, **rules}
    return ParameterForm(
        read_request_schema(schema), {f"p.{name}": str(value) for name, value in values.items()}
    )


@pytest.mark.parametrize(
    ("rules", "values", "errors"),
    [
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, {"b": ["Required."]}),
        ({"dependencies": {"a": ["b"]}}, {"a": 1}, {"b": ["Required."]}),
        (
            {"dependentSchemas": {"a": {"properties": {"b": {"maximum": 2}}}}},
            {"a": 1, "b": 5},
            {"b": ["Must be at most 2."]},
        ),
        (
            {"not": {"required": ["a", "b"]}},
            {"a": 1, "b": 1},
            {"": ["These cannot be used together: a, b."]},
        ),
        (
            {
                "if": {"properties": {"a": {"minimum": 3}}, "required": ["a"]},
                "then": {"properties": {"b": {"maximum": 1}}},
            },
            {"a": 5, "b": 5},
            {"b": ["Must be at most 1."]},
        ),
        (
            {"allOf": [{"dependentRequired": {"b": ["a"]}}]},
            {"b": 1},
            {"a": ["Required."]},
        ),
        (
            {"anyOf": [{"properties": {"a": {"maximum": 1}}}, {"properties": {"a": {"minimum": 9}}}]},
            {"a": 5},
            {"a": ["Does not match any accepted format."]},
        ),
    ],
    ids=lambda value: next(iter(value), "") if isinstance(value, dict) else None,
)
def test_it_says_which_parameters_do_not_go_together(rules, values, errors):
    form = form_for(rules, **values)
    assert not form.is_valid()
    assert form.errors_by_name == errors
    assert form_for(rules).is_valid()


@pytest.mark.parametrize(
    ("rules", "values"),
    [
        # A form starts empty, so required parameters are checked when the body is built.
        ({"required": ["model", "messages", "a"]}, {"b": 1}),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1}),
        # Rules about the model or the transcript cannot be checked yet.
        ({"if": {"properties": {"model": {"const": "x"}}}, "then": {"required": ["b"]}}, {"a": 1}),
        ({"not": {"properties": {"stream": {"const": True}}}}, {"a": 1}),
        ({"dependentRequired": {"a": ["stream"]}}, {"a": 1}),
        ({"dependentSchemas": {"a": {"required": ["stream"]}}}, {"a": 1}),
        ({"minProperties": 3}, {"a": 1}),
        ({"propertyNames": {"maxLength": 1}, "unevaluatedProperties": False}, {"a": 1}),
    ],
    ids=str,
)
def test_it_leaves_to_the_body_what_a_form_cannot_know(rules, values):
    assert form_for(rules, **values).is_valid()


def test_the_body_is_held_to_all_of_it():
    schema = {
        "type": "object",
        "properties": {**NUMBERS, **ENVELOPE},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    }
    transcript: dict[str, Any] = {"messages": []}
    with pytest.raises(BodyInvalid, match="Matches more than one"):
        build_body(schema, "m", transcript, {"a": 1, "b": 1})
    with pytest.raises(BodyInvalid, match="Required"):
        build_body({**schema, "required": ["a"]}, "m", transcript, {"b": 1})
    assert build_body(schema, "m", transcript, {"a": 1})["a"] == 1


def test_most_schemas_have_no_such_rule():
    schema = {"type": "object", "properties": {**NUMBERS, **ENVELOPE}, "required": ["model"], "title": "R"}
    assert read_request_schema({**schema, "additionalProperties": False}).cross_field_validator is None
