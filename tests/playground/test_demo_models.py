from __future__ import annotations

import jsonschema_rs
import pytest

from playground.demo import demo_models
from playground.demo.models import MODELS
from playground.demo.validation import problems
from tests.scripted_upstream import chat_body


def test_it_tells_the_catalogue_all_it_needs():
    for facts in demo_models():
        assert facts["developer"] == "Built-in demo"
        assert facts["input_price"] > 0 and facts["output_price"] > 0
        assert 0 < len(facts["description"]) <= 300
        assert len(facts["suggestions"]) == 3
        assert all(item["title"] and item["text"] for item in facts["suggestions"])


def test_it_has_every_kind_of_parameter_somewhere():
    schemas = {name: part for facts in demo_models() for name, part in facts["schema"]["properties"].items()}
    kinds = {part.get("type") for part in schemas.values()}
    assert {"number", "integer", "boolean", "string", "array", "object"} <= kinds
    assert any(part.get("nullable") for part in schemas.values())
    assert {"stop", "response_format", "logit_bias", "tools", "thinking"} <= schemas.keys()


@pytest.mark.parametrize("model_id", MODELS)
def test_it_has_schemas_that_are_schemas(model_id):
    jsonschema_rs.meta.validate(MODELS[model_id].schema)


@pytest.mark.parametrize("model_id", MODELS)
def test_it_accepts_its_own_suggestions_and_defaults(model_id):
    model = MODELS[model_id]
    properties = model.schema["properties"]
    defaults = {name: part["default"] for name, part in properties.items() if "default" in part}
    for _, text in model.suggestions:
        assert not problems(model_id, chat_body(model_id, text, **defaults))


@pytest.mark.parametrize(
    ("parameters", "place"),
    [
        ({"temperature": 2.1}, "temperature"),
        ({"temperature": None}, "temperature"),
        ({"seed": 0}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"verbosity": "loud"}, "verbosity"),
        ({"logit_bias": {"rain": 101}}, "logit_bias.rain"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"echo": "true"}, "echo"),
        ({"messages": []}, "messages"),
        ({"tools": []}, ""),
    ],
)
def test_it_refuses_what_the_schema_refuses(parameters, place):
    found = problems("demo/plain", {**chat_body("demo/plain"), **parameters})
    assert [where for where, _ in found] == [place]


@pytest.mark.parametrize(
    "parameters",
    [
        {"stop": None},
        {"stop": "."},
        {"stop": ["a", "b"]},
        {"frequency_penalty": None},
        {"logit_bias": None},
        {"max_tokens": 5.0},
        {"stream": True, "stream_options": {"include_usage": True}},
    ],
)
def test_it_accepts_every_spelling_that_the_schema_allows(parameters):
    assert not problems("demo/plain", chat_body("demo/plain", **parameters))


def test_it_accepts_a_whole_tool_conversation():
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Go."}]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "done"},
    ]
    assert not problems("demo/tools", {"model": "demo/tools", "messages": messages})
