from __future__ import annotations

from typing import Any

import pytest

from playground.parameters.form.body import BodyInvalid, build_body
from playground.parameters.schema.sending import Sending

MESSAGES = [{"role": "user", "content": "Hello"}]
TRANSCRIPT = {"messages": MESSAGES}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "model": {"type": "string", "enum": ["m"]},
        "messages": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"role": {"enum": ["user"]}, "content": {"type": "string"}},
            },
        },
        "temperature": {"type": "number", "nullable": True, "maximum": 2, "default": 1},
        "stream": {"type": "boolean"},
    },
    "required": ["model", "messages"],
}


def test_it_holds_what_was_asked_and_the_envelope():
    assert build_body(SCHEMA, "m", TRANSCRIPT, {"temperature": None}) == {
        "model": "m",
        "messages": MESSAGES,
        "temperature": None,
        "stream": True,
    }


def test_it_asks_for_usage_only_where_the_schema_knows_how():
    options = {"type": "object", "properties": {"include_usage": {"type": "boolean"}}}
    schema = {**SCHEMA, "properties": {**SCHEMA["properties"], "stream_options": options}}
    assert build_body(schema, "m", TRANSCRIPT, {})["stream_options"] == {"include_usage": True}
    assert "stream_options" not in build_body(schema, "m", TRANSCRIPT, {}, sending=Sending(is_streamed=False))
    assert "stream_options" not in build_body(SCHEMA, "m", TRANSCRIPT, {})


def test_it_holds_the_transcript_as_the_dialect_wrote_it_before_the_parameters():
    schema = {"type": "object", "properties": {"model": {}, "input": {"type": "array"}}}
    body = build_body(schema, "m", {"instructions": "Be brief. Be kind.", "input": MESSAGES}, {"top_p": 1})
    assert body == {
        "model": "m",
        "instructions": "Be brief. Be kind.",
        "input": MESSAGES,
        "top_p": 1,
        "stream": True,
    }
    assert list(body) == ["model", "instructions", "input", "top_p", "stream"]


def test_instructions_that_took_up_the_parameter_are_not_overwritten_by_it():
    schema = {"type": "object", "properties": {"model": {}}}
    body = build_body(schema, "m", {"system": "Be brief.\n\nBe kind."}, {"system": "Be brief."})
    assert body["system"] == "Be brief.\n\nBe kind."


@pytest.mark.parametrize(
    ("model_id", "messages", "parameters", "errors"),
    [
        ("m", MESSAGES, {"temperature": 3}, [("temperature", "Must be at most 2.")]),
        ("other", MESSAGES, {}, [("model", "Must be m.")]),
        ("m", [{"role": "system", "content": "x"}], {}, [("messages.0.role", "Must be user.")]),
        ("m", [{"role": "user", "content": []}], {}, [("messages.0.content", "Must be text.")]),
    ],
)
def test_it_refuses_what_the_schema_refuses(model_id, messages, parameters, errors):
    with pytest.raises(BodyInvalid) as caught:
        build_body(SCHEMA, model_id, {"messages": messages}, parameters)
    assert [path for path, _ in caught.value.errors] == [path for path, _ in errors]
    assert all(message.startswith("Must be") for _, message in caught.value.errors)
    assert errors[0][0] in str(caught.value)


def test_it_reads_a_schema_once_for_all_the_bodies():
    assert build_body(SCHEMA, "m", TRANSCRIPT, {}, digest="given") == build_body(
        {}, "m", TRANSCRIPT, {}, digest="given"
    )
