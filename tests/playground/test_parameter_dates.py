"""Tuples, dates and lengths in a form: their controls and posted values."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from playground.parameters.form.parameter_form import ParameterForm
from playground.parameters.schema import dates, equality, merging
from playground.parameters.schema.bundling import bundle
from playground.parameters.schema.request_schema import cached_request_schema, read_request_schema
from tests.playground.form_trips import posted_again, request_schema_of

PAIR = {"type": "array", "prefixItems": [{"type": "number"}, {"enum": ["px", "em"]}], "items": False}
US_DATE = "^(0?[1-9]|1[0-2])\\/(0?[1-9]|[12]\\d|3[01])\\/\\d{4}$"


def form_for(schema: Any, **posted: Any) -> ParameterForm:
    return ParameterForm(request_schema_of(schema), {f"p.{name}": value for name, value in posted.items()})


@pytest.mark.parametrize(
    ("posted", "value"),
    [
        ({"x.=1": "2", "x.=2": "px"}, [2, "px"]),
        ({"x.=1": "2", "x.=2": ""}, [2]),
        ({"x.=1": "2"}, [2]),
    ],
)
def test_a_tuple_is_as_long_as_what_was_filled_in(posted, value):
    assert form_for(PAIR, **posted).parameters == {"x": value}


def test_a_tuple_says_at_the_part_what_is_wrong():
    assert form_for(PAIR, **{"x.=2": "px"}).errors_by_name == {"x.=1": ["Required."]}
    assert form_for({**PAIR, "minItems": 2}, **{"x.=1": "2"}).errors_by_name == {"x.=2": ["Required."]}
    limited = {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number", "maximum": 1}]}
    assert form_for(limited, **{"x.=1": "2", "x.=2": "3"}).errors_by_name == {"x.=2": ["Must be at most 1."]}


def test_a_tuple_with_more_than_its_parts_is_shown_as_json():
    request_schema = request_schema_of({"type": "array", "prefixItems": [{"type": "number"}]})
    form = ParameterForm(request_schema, initial={"x": [1, "more"]})
    assert form.entry_for("x").is_json
    assert posted_again(request_schema, "x", [1, "more"]).parameters == {"x": [1, "more"]}


@pytest.mark.parametrize(
    ("posted", "sent"),
    [("2024-01-31", "01/31/2024"), ("1/31/2024", "1/31/2024"), ("12/01/2024", "12/01/2024")],
)
def test_a_day_is_sent_as_the_schema_writes_it(posted, sent):
    assert form_for({"type": "string", "pattern": US_DATE}, x=posted).parameters == {"x": sent}


@pytest.mark.parametrize("posted", ["someday", "2024-13-45", "31/01/2024"])
def test_what_is_no_day_is_refused(posted):
    form = form_for({"type": "string", "pattern": US_DATE}, x=posted)
    assert form.errors_by_name == {"x": ["Must be a date, written as 01/31/2026."]}


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [("01/31/2024", "date", "2024-01-31"), ("1/31/2024", "text", "1/31/2024")],
)
def test_a_date_input_shows_the_days_it_can_give_back(value, kind, shown):
    request_schema = request_schema_of({"type": "string", "pattern": US_DATE})
    field: Any = ParameterForm(request_schema, initial={"x": value})["x"]
    assert f'type="{kind}"' in field.html
    assert f'value="{shown}"' in field.html
    assert posted_again(request_schema, "x", value).parameters == {"x": value}


@pytest.mark.parametrize(
    ("schema", "output_max", "bounds", "refused"),
    [
        ({"type": "integer", "minimum": 1}, 100, "1 – 100", {"max_tokens": ["Must be at most 100."]}),
        ({"type": "integer", "maximum": 500}, 100, "integer ≤ 100", {"max_tokens": ["Must be at most 100."]}),
        ({"type": "integer", "maximum": 50}, 100, "integer ≤ 50", {"max_tokens": ["Must be at most 50."]}),
        (
            {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            100,
            "integer ≤ 100",
            {"max_tokens": ["Must be at most 100."]},
        ),
        ({"type": "integer"}, None, "integer", {}),
    ],
)
def test_a_length_is_bounded_by_what_the_model_can_write(schema, output_max, bounds, refused):
    request = {"properties": {"max_tokens": schema}}
    request_schema = cached_request_schema(f"{schema}", lambda: request, output_max=output_max)
    (spec,) = request_schema.specs
    assert spec.bounds == bounds
    assert ParameterForm(request_schema, {"p.max_tokens": "200"}).errors_by_name == refused


def test_definitions_of_one_name_get_names_of_their_own():
    schemas = {"a_2": {"x": {}}, "a": {"x": {}}, "b": {"a": {"x": {}}, "a_2": {"x": {}}, "a_3": {"x": {}}}}
    places = ["a_2", "a", "b/a_2", "b/a", "b/a_3"]
    found = bundle({"anyOf": [{"$ref": f"#/s/{place}"} for place in places]}, {"s": schemas})
    assert len({branch["$ref"] for branch in found["anyOf"]}) == len(places) == len(found["$defs"])


def test_what_is_a_value_and_no_schema_stays_as_it_is():
    schema = {"properties": {"x": {"const": {"$ref": "#/nowhere"}}, "$ref": {"enum": [{"$ref": 1}]}}}
    assert bundle(schema, schema) == schema
    assert [spec.name for spec in read_request_schema(schema).specs] == ["x", "$ref"]


def test_true_and_the_word_true_can_both_be_chosen():
    schema = {"enum": [True, "true"]}
    tokens = [option.token for option in request_schema_of(schema).specs[0].options]
    assert [form_for(schema, x=token).parameters["x"] for token in tokens] == [True, "true"]


@pytest.mark.parametrize("module", [dates, equality, merging])
def test_the_examples_in_the_docstrings_are_true(module):
    assert doctest.testmod(module).failed == 0
