from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from playground.catalogue.load_bundled import load_bundled
from playground.models import Endpoint
from playground.parameters.form.entry import MAX_ITEMS
from playground.parameters.form.parameter_form import ParameterForm, parameter_form
from playground.parameters.form.parsing import MAX_TEXT
from playground.parameters.schema.request_schema import read_request_schema

QWEN = "alibaba/qwen3.6-35b-a3b"
TEXTS = {"type": "array", "items": {"type": "string"}}
TEXT_OR_NUMBER = {"oneOf": [{"type": "string"}, {"type": "number"}]}
NEMOTRON = "nvidia/nemotron-3-nano-30b-a3b"


@pytest.fixture
def endpoint_of(db):
    load_bundled()
    return lambda model_id: Endpoint.objects.select_related("model").get(model__model_id=model_id)


def form_for(schema: dict[str, Any], **posted: Any) -> ParameterForm:
    return ParameterForm(
        read_request_schema({"properties": {"x": schema}}),
        posted and {f"p.{k}": v for k, v in posted.items()},
    )


def errors(schema: dict[str, Any], posted: dict[str, Any]) -> dict[str, list[str]]:
    return ParameterForm(read_request_schema({"properties": {"x": schema}}), posted).errors_by_name


@pytest.mark.parametrize("model_id", [QWEN, NEMOTRON])
def test_blank_controls_are_no_parameters_and_are_read_only_where_they_are_shown(endpoint_of, model_id):
    shown = parameter_form(endpoint_of(model_id))
    posted = {f"p.{name}{end}": "" for name in shown.fields for end in ("", ".state", ".json", ".as-x.y")}
    form = parameter_form(endpoint_of(model_id), {**posted, "p.temperature": "0.3"})

    assert form.is_valid() and form.parameters == {"temperature": 0.3}
    assert list(form._entries) == ["temperature"]
    assert all(form.entry_for(name).is_blank for name in shown.fields if name != "temperature")


def test_it_sends_exactly_what_was_touched(endpoint_of):
    posted = QueryDict(mutable=True)
    posted["text"] = "not ours"
    posted["p.temperature"] = "0.3"
    posted["p.top_p"] = ""
    posted["p.frequency_penalty.state"] = "null"
    posted["p.logprobs"] = "true"
    posted["p.reasoning_effort"] = "high"
    posted.setlist("p.stop", ["END", r"\n\n", ""])
    posted["p.logit_bias.0.key"], posted["p.logit_bias.0.value"] = "50256", "-100"
    posted["p.response_format"] = "json_schema"
    posted["p.response_format.as-json_schema.json_schema.name"] = "answer"
    posted["p.response_format.as-json_schema.json_schema.schema"] = '{"type": "object"}'
    posted["p.tools.0.item"] = "1"
    posted["p.tools.0.function.name"] = "look_up"
    posted["p.tools.0.function.parameters"] = "{}"
    posted["p.tool_choice"] = "auto"

    form = parameter_form(endpoint_of(QWEN), posted)

    assert form.is_valid(), form.errors_by_name
    assert form.parameters == {
        "temperature": 0.3,
        "frequency_penalty": None,
        "logprobs": True,
        "reasoning_effort": "high",
        "stop": ["END", "\n\n"],
        "logit_bias": {"50256": -100},
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": {"type": "object"}},
        },
        "tools": [{"type": "function", "function": {"name": "look_up", "parameters": {}}}],
        "tool_choice": "auto",
    }
    assert form.changed_count == 9


def test_it_says_at_the_field_what_is_wrong(endpoint_of):
    posted = {
        "p.temperature": "3",
        "p.seed": "0",
        "p.max_tokens": "many",
        "p.logit_bias.0.key": "50256",
        "p.logit_bias.0.value": "500",
        "p.response_format": "json_schema",
        "p.tools.0.item": "1",
        "p.tools.0.function.name": "f",
        "p.tools.0.function.parameters": "{]",
    }

    form = parameter_form(endpoint_of(QWEN), posted)

    assert form.errors_by_name == {
        "temperature": ["Must be at most 2."],
        "seed": ["Must be at least 1."],
        "max_tokens": ["Must be a number."],
        "logit_bias.0.value": ["Must be at most 100."],
        "response_format.as-json_schema.json_schema.name": ["Required."],
        "tools.0.function.parameters": ["Not valid JSON: line 1, column 2."],
    }
    assert form.parameters == {}


def test_it_limits_the_answer_to_what_the_model_can_write(endpoint_of):
    endpoint = endpoint_of(QWEN)
    assert parameter_form(endpoint, {"p.max_tokens": "99999"}).is_valid()

    endpoint.model.output_max = 32768

    form = parameter_form(endpoint, {"p.max_tokens": "99999"})
    assert form.errors_by_name == {"max_tokens": ["Must be at most 32,768."]}
    assert form.fields["max_tokens"].spec.bounds == "1 – 32,768"


@pytest.mark.parametrize(
    "posted",
    [
        {"p.nonsense": "1"},
        {"p.temperature.deep": "1"},
        {"p.tools.0.nonsense": "1", "p.tools.0.item": "", "p.tools.0.function.name": ""},
        {"p.response_format.as-other": "1"},
        {"p.": "1"},
        {"p.logit_bias.99999999.key": "x"},
    ],
)
def test_it_refuses_fields_that_no_control_has(endpoint_of, posted):
    form = parameter_form(endpoint_of(QWEN), posted)
    assert not form.is_valid()
    assert "not a parameter of this model" in str(form.errors_by_name) or "Required." in str(
        form.errors_by_name
    )


def test_it_ignores_empty_fields_of_another_model(endpoint_of):
    """The page may still hold the form of the previous model."""
    assert parameter_form(endpoint_of(QWEN), {"p.top_k": "", "p.reasoning.effort": ""}).is_valid()


@pytest.mark.parametrize(
    ("schema", "posted", "message"),
    [
        ({"type": "boolean"}, {"p.x": "maybe"}, "Choose one of the listed values."),
        ({"type": "boolean"}, {"p.x": "=null"}, "Cannot be null."),
        ({"type": "number"}, {"p.x.state": "null"}, "Cannot be null."),
        ({"type": "number"}, {"p.x": "NaN"}, "Must be a number."),
        ({"type": "number"}, {"p.x": "1e999"}, "Is too large."),
        ({"type": "number"}, {"p.x": "9" * 5000}, "Must be a number."),
        ({"type": "integer"}, {"p.x": "1.5"}, "Must be a whole number."),
        ({"type": "integer"}, {"p.x": "١٢"}, "Must be a whole number."),
        (TEXT_OR_NUMBER, {"p.x": "other"}, "Choose one of the listed values."),
        ({"type": "string"}, {"p.x": "a\x00b"}, "Contains a character that cannot be sent."),
        ({"type": "string"}, {"p.x": "x" * (MAX_TEXT + 1)}, f"Must have at most {MAX_TEXT:,} characters."),
        ({}, {"p.x": "{"}, "Not valid JSON: line 1, column 2."),
        ({}, {"p.x": "NaN"}, "Not valid JSON: NaN is not a JSON number."),
        ({}, {"p.x": "1e999"}, "Contains a number that is too large."),
        ({}, {"p.x": "[" * 100_000}, "Not valid JSON: nested too deeply, or a number too long."),
        ({}, {"p.x": "[" * 80 + "]" * 80}, "Nested too deeply."),
        ({}, {"p.x": '"\\ud800"'}, "Contains a character that cannot be sent."),
        ({}, {"p.x": "9" * 5000}, "Not valid JSON: nested too deeply, or a number too long."),
        (TEXTS, {"p.x": ["a"] * (MAX_ITEMS + 1)}, "Must have at most 200 entries."),
        ({"type": "array", "items": {"enum": ["a"]}}, {"p.x": ["b"]}, "Choose one of the listed values."),
    ],
)  # fmt: skip
def test_it_refuses_garbage_in_words(schema, posted, message):
    assert errors(schema, posted) == {"x": [message]}


def test_it_tells_three_states_apart():
    schema = {"type": "number", "nullable": True}
    request_schema = read_request_schema({"properties": {"x": schema}})
    assert ParameterForm(request_schema, {"p.x": ""}).parameters == {}
    assert ParameterForm(request_schema, {"p.x": "0"}).parameters == {"x": 0}
    assert ParameterForm(request_schema, {"p.x": "", "p.x.state": "null"}).parameters == {"x": None}


def test_it_never_sends_a_default():
    form = form_for({"type": "integer", "default": 512}, x="")
    assert form.parameters == {}
    assert "Default: 512." in form["x"].html  # type: ignore[attr-defined]


def test_it_keeps_text_and_a_list_of_one_apart():
    schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    request_schema = read_request_schema({"properties": {"x": schema}})
    assert ParameterForm(request_schema, {"p.x": ["END"]}).parameters == {"x": ["END"]}
    assert ParameterForm(request_schema, {"p.x": ["END"], "p.x.state": "bare"}).parameters == {"x": "END"}
    assert ParameterForm(request_schema, {"p.x": ["END", "STOP"], "p.x.state": "bare"}).parameters == {
        "x": ["END", "STOP"]
    }


def test_it_reads_map_rows_and_leaves_the_spare_one_out():
    schema = {"type": "object", "additionalProperties": {"type": "number"}}
    assert form_for(
        schema, **{"x.0.key": "a", "x.0.value": "1", "x.1.key": "", "x.1.value": ""}
    ).parameters == {"x": {"a": 1}}
    assert errors(schema, {"p.x.0.key": "a", "p.x.0.value": ""}) == {"x.0.value": ["Required."]}
    assert errors(schema, {"p.x.0.key": "", "p.x.0.value": "1"}) == {"x.0.value": ["Enter a key."]}
    twice = {"p.x.0.key": "a", "p.x.0.value": "1", "p.x.1.key": "a", "p.x.1.value": "2"}
    assert errors(schema, twice) == {"x.1.value": ["This key appears twice."]}


def test_only_the_chosen_alternative_counts():
    schema = {"oneOf": [{"type": "string"}, {"type": "integer"}]}
    posted = {"p.x": "number", "p.x.as-text": "left over", "p.x.as-number": "3"}
    form = ParameterForm(read_request_schema({"properties": {"x": schema}}), posted)
    assert form.parameters == {"x": 3}
    posted["p.x"] = ""
    form = ParameterForm(read_request_schema({"properties": {"x": schema}}), posted)
    assert form.is_valid()
    assert form.parameters == {}
    assert form.changed_count == 0


def test_it_takes_json_in_place_of_the_controls_and_back():
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    request_schema = read_request_schema({"properties": {"x": schema}})
    form = ParameterForm(request_schema, {"p.x.state": "json", "p.x.json": '{"a": 1, "b": 2}'})
    assert form.parameters == {"x": {"a": 1, "b": 2}}
    assert errors(schema, {"p.x.state": "json", "p.x.json": '{"a": "no"}'}) == {
        "x": ["a: Must be a whole number."]
    }

    back = ParameterForm(request_schema, {"p.x.state": "from-json", "p.x.json": '{"a": 7}', "p.x.a": "1"})
    assert back.parameters == {"x": {"a": 7}}
    assert 'name="p.x.a" value="7"' in back["x"].html  # type: ignore[attr-defined]
    broken = ParameterForm(request_schema, {"p.x.state": "from-json", "p.x.json": "{"})
    assert broken.errors_by_name == {"x": ["Not valid JSON: line 1, column 2."]}


def test_it_shows_what_no_control_can_hold_as_json():
    form = ParameterForm(
        read_request_schema({"properties": {"x": {"type": "array", "items": {"type": "string"}}}}),
        initial={"x": []},
    )
    assert form.entry_for("x").is_json
    assert form.parameters == {"x": []}


def test_it_needs_no_query_for_a_schema_it_has_read(endpoint_of, django_assert_num_queries):
    parameter_form(endpoint_of(QWEN))
    endpoint = Endpoint.objects.select_related("model").defer("request_schema").get(model__model_id=QWEN)
    with django_assert_num_queries(0):
        assert parameter_form(endpoint, {"p.temperature": "1"}).parameters == {"temperature": 1}
