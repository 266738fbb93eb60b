"""Parameters and bounds of another version of the documentation: offered, marked, never sent unasked."""

from __future__ import annotations

from typing import Any

import pytest

from playground.carrying import Choices, carry_to
from playground.catalogue.bundled_models import bundled_models
from playground.models import Endpoint, UpstreamModel
from playground.parameters.form.parameter_form import FROM_ANOTHER, ParameterForm
from playground.parameters.schema.other_documents import other_documents
from playground.parameters.schema.request_schema import digest_of, read_request_schema
from playground.upstream.dialects.shared.parameters.tools import ToolChoice, read_choice

CHAT = "chat/completions"
MODELS = {model.model_id: model for model in bundled_models()}
OPUS = MODELS["anthropic/claude-opus-4.1"].schemas[CHAT]


def _form(schema: dict[str, Any], **posted: Any) -> ParameterForm:
    data = {f"p.{name}": value for name, value in posted.items()}
    return ParameterForm(read_request_schema(schema), data)


def _group(form: ParameterForm) -> Any:
    return next(group for group in form.groups if group.label == FROM_ANOTHER)


def _html(schema: dict[str, Any], name: str) -> str:
    html: str = _form(schema)[name].html  # type: ignore[attr-defined]
    return " ".join(html.split())


def test_it_is_the_last_group_and_starts_folded():
    form = _form(OPUS)
    assert form.groups[-1].label == FROM_ANOTHER
    assert not _group(form).is_open
    assert form.parameters == {}


@pytest.mark.parametrize(("value", "is_valid"), [("3", True), ("many", False)])
def test_it_is_open_while_something_in_it_is_set_or_wrong(value, is_valid):
    form = _form(OPUS, n=value)
    assert form.is_valid() is is_valid
    assert _group(form).is_open
    assert form.parameters == ({"n": 3} if is_valid else {})


@pytest.mark.parametrize(
    ("model_id", "name", "bounds", "said"),
    [
        ("anthropic/claude-opus-4.1", "temperature", "0 – 1", "says 0 – 2."),
        ("anthropic/claude-opus-4.1", "top_p", "0 – 1", "says 0.1 – 1."),
        ("claude-3-7-sonnet-20250219", "frequency_penalty", "number", "says −2 – 2 or null."),
        ("meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo", "n", "integer ≥ 1", "says integer ≥ 1 or null."),
        ("google/gemma-3n-e4b-it", "min_p", "0.001 – 0.999", "says 0 – 1."),
    ],
)
def test_different_bounds_are_said_and_the_wider_ones_hold(model_id, name, bounds, said):
    html = _html(MODELS[model_id].schemas[CHAT], name)
    assert f">{bounds}</span>" in html
    assert f"Another version of the documentation {said}" in html


def test_a_value_that_only_the_wider_bounds_allow_is_sent():
    assert _form(OPUS, temperature="1.7").parameters == {"temperature": 1.7}
    assert not _form(OPUS, temperature="2.1").is_valid()


def test_the_default_is_the_one_of_the_document_that_is_followed():
    specs = {spec.name: spec for spec in read_request_schema(OPUS).specs}
    assert specs["max_tokens"].default == 32000


def test_a_value_is_not_carried_to_a_doubtful_parameter_where_all_documents_have_another():
    model = UpstreamModel(model_id="anthropic/claude-opus-4.1")
    endpoint = Endpoint(model=model, kind=CHAT, request_schema=OPUS, schema_digest=digest_of(OPUS))
    carried = carry_to(endpoint, Choices({"stop": ["END"], "max_completion_tokens": 100, "n": 2}, CHAT))
    assert carried.kept == {"stop_sequences": ["END"], "max_tokens": 100, "n": 2}


@pytest.mark.parametrize(
    "stated", [None, [], {"adds": "n"}, {"adds": [1, {}], "widens": {"a": 1}}, {"widens": ["x", "missing"]}]
)
def test_marks_in_a_document_of_a_stranger_do_no_harm(stated):
    schema = {"type": "object", "properties": {"x": {"type": "integer"}}, "x-other-documents": stated}
    assert other_documents(schema).adds == frozenset()
    form = _form(schema, x="3")
    assert form.parameters == {"x": 3}


def test_the_bare_name_of_a_function_is_a_choice_of_its_own():
    schema = MODELS["nvidia/nemotron-3-nano-30b-a3b"].schemas[CHAT]
    choice = {"type": "function", "function": "look_up"}
    form = ParameterForm(read_request_schema(schema), {})
    labels = [branch.label for branch in form.fields["tool_choice"].spec.branches]
    assert labels == ["none", "auto", "required", "function", "allowed_tools", "custom", "bare function"]
    assert read_request_schema(schema).validators["tool_choice"].is_valid(choice)
    assert read_choice(choice) == ToolChoice("named", "look_up")
