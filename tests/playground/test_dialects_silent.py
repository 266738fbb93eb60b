"""Bodies for schemas that say nothing about messages: each dialect's own shapes are used."""

from __future__ import annotations

from typing import Any

import pytest

from playground.upstream.dialects import TranscriptRefused, required_length, write_transcript
from playground.upstream.dialects.shared.transcript import ToolCall, Turn
from playground.upstream.dialects.shared.writing.accepts import read_accepts
from tests.playground.dialect_schemas import STRING, Schema, an_object, array
from tests.playground.transcripts import IMAGE, PDF, WAV, assistant, result, system, user

CALL = ToolCall("call_0", "look_up", '{"city": "Oslo"}')
TURNS = (
    system("Be brief."),
    user("Look", IMAGE, PDF),
    assistant("One moment.", CALL),
    result("call_0", "Rain", is_error=True),
    assistant("It rains."),
    user("Thanks."),
)
ANYTHING: dict[str, Schema] = {
    "objects": an_object(messages=array({"type": "object"})),
    "any type": an_object(messages={}),
    "not mentioned": an_object(model=STRING),
    "any role": an_object(messages=array(an_object(role=STRING, content={}))),
    "an open root with more": an_object(messages=array({"type": "object"}), temperature={"type": "number"}),
}


def body(kind: str, schema: Schema, *turns: Turn) -> dict[str, Any]:
    return write_transcript(kind, read_accepts(schema), turns, {})


@pytest.mark.parametrize("schema", ANYTHING.values(), ids=ANYTHING)
def test_messages_are_anthropics(schema):
    assert body("messages", schema, *TURNS) == {
        "system": "Be brief.",
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Look"},
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": IMAGE.base64},
                    },
                    {
                        "type": "document",
                        "source": {"type": "base64", "media_type": "application/pdf", "data": PDF.base64},
                        "title": "paper.pdf",
                    },
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "One moment."},
                    {"type": "tool_use", "id": "call_0", "name": "look_up", "input": {"city": "Oslo"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "call_0", "is_error": True, "content": "Rain"}
                ],
            },
            {"role": "assistant", "content": "It rains."},
            {"role": "user", "content": "Thanks."},
        ],
    }


@pytest.mark.parametrize("kind", ["messages", "responses"])
def test_what_the_dialect_has_no_shape_for_is_refused(kind):
    with pytest.raises(TranscriptRefused, match="accepts no audio"):
        body(kind, ANYTHING["objects"], user(WAV))


def test_a_picture_as_a_result_is_a_block_and_sound_is_refused():
    def of(found: Any) -> dict[str, Any]:
        turn = Turn(result("call_0", "").role, (found,), call_id="call_0")
        return body("messages", ANYTHING["objects"], user("?"), assistant("", CALL), turn)

    [block] = of(IMAGE)["messages"][-1]["content"]
    assert [part["type"] for part in block["content"]] == ["image"]
    with pytest.raises(TranscriptRefused):
        of(WAV)


def test_a_closed_root_without_a_place_for_the_system_prompt_puts_it_above_the_prompt():
    schema = {**an_object(messages=array({"type": "object"})), "additionalProperties": False}
    assert body("messages", schema, system("Be brief."), user("Hi")) == {
        "messages": [{"role": "user", "content": "Be brief.\n\n---\n\nHi"}]
    }
    assert required_length("messages", read_accepts(schema), {}, None) == {}


@pytest.mark.parametrize("schema", ANYTHING.values(), ids=ANYTHING)
def test_only_messages_always_need_a_length(schema):
    for kind, expected in [("messages", {"max_tokens": 8192}), ("responses", {}), ("chat/completions", {})]:
        assert required_length(kind, read_accepts(schema), {}, None) == expected
    assert required_length("messages", read_accepts(schema), {"max_tokens": 5}, None) == {}


@pytest.mark.parametrize(
    "schema", [an_object(input=array({"type": "object"})), an_object(input={}), an_object(model=STRING)]
)
def test_items_are_those_that_llama_cpp_and_vllm_take(schema):
    custom = ToolCall("call_1", "run", "ls -l", "custom")
    answered = body(
        "responses",
        schema,
        *TURNS,
        assistant("", custom, ToolCall("call_2", "time", "")),
        result("call_1", "a.txt"),
        result("call_2", "Noon"),
        assistant("A file."),
        user("Thanks."),
    )
    prompt, answers = answered["input"][1], answered["input"][2:]
    assert answered["input"][0] == {"type": "message", "role": "system", "content": "Be brief."}
    assert [part["type"] for part in prompt["content"]] == ["input_text", "input_image", "input_file"]
    assert prompt["content"][1]["detail"] == "auto"

    def said(number: int, text: str) -> dict[str, Any]:
        content = [{"type": "output_text", "text": text, "annotations": []}]
        named = {"type": "message", "id": f"msg_{number}", "status": "completed"}
        return {**named, "role": "assistant", "content": content}

    called = {"call_id": "call_0", "name": "look_up", "arguments": '{"city": "Oslo"}'}
    assert answers == [
        said(1, "One moment."),
        {"type": "function_call", **called},
        {"type": "function_call_output", "call_id": "call_0", "output": "Error: Rain"},
        said(2, "It rains."),
        {"type": "message", "role": "user", "content": "Thanks."},
        {"type": "custom_tool_call", "call_id": "call_1", "name": "run", "input": "ls -l"},
        {"type": "function_call", "call_id": "call_2", "name": "time", "arguments": "{}"},
        {"type": "custom_tool_call_output", "call_id": "call_1", "output": "a.txt"},
        {"type": "function_call_output", "call_id": "call_2", "output": "Noon"},
        said(3, "A file."),
        {"type": "message", "role": "user", "content": "Thanks."},
    ]


def test_chat_completions_keep_openais_messages():
    found = body("chat/completions", ANYTHING["objects"], *TURNS)["messages"]
    assert [message["role"] for message in found] == [
        *("system", "user", "assistant", "tool", "assistant", "user"),
    ]
    assert found[2]["tool_calls"][0]["id"] == found[3]["tool_call_id"] == "call_0"
