"""Transcripts in each dialect, written for schemas that are as small as each test allows."""

from __future__ import annotations

from typing import Any

import pytest

from playground.upstream.dialects import TranscriptRefused, required_length, write_transcript
from playground.upstream.dialects.shared.transcript import Role, Text, ToolCall, Transcript, Turn
from playground.upstream.dialects.shared.writing.accepts import accepts, read_accepts
from tests.playground.dialect_schemas import (
    ANTHROPIC,
    CHAT,
    FUNCTION_CALL,
    IMAGE_PART,
    ITEM,
    RESPONSES,
    STRING,
    SYSTEM,
    TOOL,
    USER,
    Schema,
    an_object,
    array,
    chat,
    choice,
    constant,
    message,
)
from tests.playground.transcripts import (
    ADDRESS,
    IMAGE,
    OPAQUE,
    PDF,
    PIXEL,
    WAV,
    assistant,
    result,
    system,
    user,
)

CALL = ToolCall("call_0", "look_up", '{"city": "Oslo"}')


def chat_body(schema: Schema, *turns: Turn, **parameters: Any) -> dict[str, Any]:
    return write_transcript("chat/completions", read_accepts(schema), turns, parameters)


def messages_body(schema: Schema, *turns: Turn, **parameters: Any) -> dict[str, Any]:
    return write_transcript("messages", read_accepts(schema), turns, parameters)


def responses_body(schema: Schema, *turns: Turn, **parameters: Any) -> dict[str, Any]:
    return write_transcript("responses", read_accepts(schema), turns, parameters)


TOOLS: Transcript = (
    system("Be brief."),
    user("Weather?"),
    assistant("", CALL, reasoning="Hm.", opaque=OPAQUE),
    result("call_0", "Rain"),
    user("Thanks."),
)


# --- chat/completions ----------------------------------------------------------------------


def test_chat_completions_with_a_tool_call():
    assert chat_body(CHAT, *TOOLS)["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_0",
                    "type": "function",
                    "function": {"name": "look_up", "arguments": '{"city": "Oslo"}'},
                    "extra_content": {"google": {"thought_signature": "dHM="}},
                }
            ],
            "reasoning_details": [OPAQUE[4], OPAQUE[5]],
            "encrypted_content": "Ynl0ZQ==",
            "extra_content": {"google": {"thought_signature": "bXNn"}},
        },
        {"role": "tool", "tool_call_id": "call_0", "content": "Rain"},
        {"role": "user", "content": "Thanks."},
    ]


def test_a_closed_schema_gets_no_field_that_it_does_not_list():
    closed = {**message("assistant", STRING), "additionalProperties": False}
    body = chat_body(chat(USER, closed), user("Hi"), assistant("Hello.", opaque=OPAQUE), user("More"))
    assert body["messages"][1] == {"role": "assistant", "content": "Hello."}


def test_litellms_thinking_blocks_go_back_as_they_came():
    signed = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
    redacted = {"type": "redacted_thinking", "data": "eHl6"}
    opaque = ({"thinking_blocks": [signed]}, {"thinking_blocks": [redacted]})
    turns = (user("Weather?"), assistant("", CALL, opaque=opaque), result("call_0", "Rain"))
    answer = chat_body(CHAT, *turns)["messages"][1]
    assert answer["thinking_blocks"] == [signed, redacted]
    closed = {**message("assistant", STRING), "additionalProperties": False}
    body = chat_body(chat(USER, closed), user("Hi"), assistant("Hello.", opaque=opaque), user("More"))
    assert "thinking_blocks" not in body["messages"][1]


def test_reasoning_goes_back_with_a_call_where_the_schema_lists_it():
    listed = message("assistant", STRING, tool_calls=array(FUNCTION_CALL), reasoning_content=STRING)
    answers = chat_body(chat(SYSTEM, USER, TOOL, listed), *TOOLS)["messages"]
    assert answers[2]["reasoning_content"] == "Hm."
    plain = chat_body(chat(USER, listed), user("Hi"), assistant("Hello.", reasoning="Hm."), user("More"))
    assert "reasoning_content" not in plain["messages"][1]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (choice(STRING, {"type": "null"}), {"content": None}),
        (STRING, {}),
    ],
)
def test_an_answer_of_calls_only_is_null_or_lacks_its_content(content, expected):
    shape = message("assistant", content, tool_calls=array(FUNCTION_CALL))
    answer = chat_body(chat(SYSTEM, USER, TOOL, shape), *TOOLS)["messages"][2]
    assert {name: value for name, value in answer.items() if name == "content"} == expected


def test_an_answer_of_calls_only_is_an_empty_text_where_content_is_required():
    shape = an_object(
        "role", "content", role=constant("assistant"), content=STRING, tool_calls=array(FUNCTION_CALL)
    )
    assert chat_body(chat(SYSTEM, USER, TOOL, shape), *TOOLS)["messages"][2]["content"] == ""


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (chat(SYSTEM, USER), {"messages": [("system", "Be brief."), ("user", "Hi")]}),
        (
            chat(message("developer", STRING), USER),
            {"messages": [("developer", "Be brief."), ("user", "Hi")]},
        ),
        (chat(USER, system=STRING), {"system": "Be brief.", "messages": [("user", "Hi")]}),
        (chat(USER), {"messages": [("user", "Be brief.\n\n---\n\nHi")]}),
    ],
    ids=["system", "developer", "field", "merged"],
)
def test_the_system_prompt_goes_where_there_is_a_place_for_it(schema, expected):
    body = chat_body(schema, system("Be brief."), user("Hi"))
    body["messages"] = [(item["role"], item["content"]) for item in body["messages"]]
    assert body == expected


def test_a_system_prompt_goes_above_a_picture_too():
    body = chat_body(chat(USER), system("Be brief."), user(IMAGE))
    assert body["messages"][0]["content"] == [
        {"type": "text", "text": "Be brief."},
        {"type": "image_url", "image_url": {"url": PIXEL}},
    ]


def test_a_system_prompt_follows_the_one_set_as_a_parameter():
    schema = chat(USER, system=STRING)
    assert chat_body(schema, system("Be brief."), user("Hi"), system="Be kind.")["system"] == (
        "Be kind.\n\nBe brief."
    )
    blocks = [{"type": "text", "text": "Be kind."}]
    body = chat_body(schema, system("Be brief."), user("Hi"), system=blocks)
    assert body["system"] == [*blocks, {"type": "text", "text": "Be brief."}]
    # The transcript has no system prompt, so the parameter stays as it is.
    assert "system" not in chat_body(schema, user("Hi"), system="Be kind.")


@pytest.mark.parametrize(
    ("transcript", "why"),
    [
        ((user("Look", PDF),), "This model accepts no files."),
        ((user(WAV),), "This model accepts no audio."),
        (TOOLS, "This model does not accept tool calls, and this conversation has some."),
        (
            (user("Hi"), assistant("Hello."), user("More")),
            "This model answers single messages only. Start a new chat.",
        ),
    ],
)
def test_what_has_no_place_is_refused_in_words(transcript, why):
    only_user = chat(USER, message("system", STRING))
    schema = chat(USER, SYSTEM, message("assistant", STRING)) if transcript is TOOLS else only_user
    with pytest.raises(TranscriptRefused) as refused:
        chat_body(schema, *transcript)
    assert str(refused.value).startswith(why)


def test_a_model_that_only_hears():
    heard = an_object(type=constant("input_audio"), input_audio=an_object(data=STRING))
    schema = chat(message("user", array(heard)))
    assert chat_body(schema, user(WAV))["messages"][0]["content"] == [
        {"type": "input_audio", "input_audio": {"data": WAV.base64, "format": "wav"}}
    ]
    with pytest.raises(TranscriptRefused, match="accepts audio only, and no text"):
        chat_body(schema, user("Hello"))


def test_a_schema_that_says_nothing_about_messages_takes_openais_way():
    schema = an_object(messages=array({"type": "object"}))
    assert chat_body(schema, user("Look", IMAGE), *TOOLS)["messages"][0]["content"][1] == {
        "type": "image_url",
        "image_url": {"url": PIXEL},
    }


# --- What no upstream takes ----------------------------------------------------------------


def test_calls_nobody_answered_and_results_nobody_asked_for_stay_behind():
    other = ToolCall("call_9", "look_up", "{}")
    sent = chat_body(
        CHAT,
        user("Weather?"),
        assistant("One moment.", CALL, other),
        result("call_0", "Rain"),
        result("call_0", "Rain again"),
        result("call_7", "What?"),
        assistant(""),
        user("And?"),
        assistant("", CALL),
        user("Well?"),
    )["messages"]
    assert [(item["role"], item["content"]) for item in sent] == [
        ("user", "Weather?"),
        ("assistant", "One moment."),
        ("tool", "Rain"),
        ("user", "And?\n\nWell?"),
    ]
    assert [call["id"] for call in sent[1]["tool_calls"]] == ["call_0"]


def test_prompts_and_answers_in_a_row_become_one_message():
    turns = (user("One"), user("Two", IMAGE), user("Three"), assistant("A"), assistant("B"), user("Four"))
    *_, prompt, answer, last = chat_body(CHAT, system("Be brief."), *turns)["messages"]
    assert [part.get("text") for part in prompt["content"]] == ["One\n\nTwo", None, "Three"]
    assert answer == {"role": "assistant", "content": "A\n\nB"}
    assert last == {"role": "user", "content": "Four"}
    # Signed answers, calls and the beginning of an answer stay apart from their neighbours.
    for apart in (assistant("A", opaque=OPAQUE), assistant("B", is_prefill=True)):
        roles = [each["role"] for each in chat_body(CHAT, user("One"), assistant("C"), apart)["messages"]]
        assert roles == ["user", "assistant", "assistant"]
    assert [each["role"] for each in chat_body(CHAT, *TOOLS, assistant("Also."))["messages"]].count(
        "tool"
    ) == 1


# --- messages ------------------------------------------------------------------------------


def test_messages_with_a_tool_call():
    assert messages_body(ANTHROPIC, *TOOLS) == {
        "system": "Be brief.",
        "messages": [
            {"role": "user", "content": "Weather?"},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
                    {"type": "redacted_thinking", "data": "eHl6"},
                    {"type": "tool_use", "id": "call_0", "name": "look_up", "input": {"city": "Oslo"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "call_0", "content": "Rain"},
                    {"type": "text", "text": "Thanks."},
                ],
            },
        ],
    }


def test_thoughts_without_a_tool_call_are_not_sent_back():
    body = messages_body(ANTHROPIC, user("Hi"), assistant("Hello.", opaque=OPAQUE), user("More"))
    assert body["messages"][1] == {"role": "assistant", "content": "Hello."}


def test_a_picture_without_a_word_goes_without_an_empty_block():
    [prompt] = messages_body(ANTHROPIC, user("", IMAGE))["messages"]
    assert [block["type"] for block in prompt["content"]] == ["image"]


def test_neighbours_of_one_role_become_one_message():
    body = messages_body(ANTHROPIC, user("One"), user("Two"), user("Three", IMAGE), user("Four"))
    assert body["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "One\n\nTwo"},
                {"type": "text", "text": "Three"},
                {
                    "type": "image",
                    "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="},
                },
                {"type": "text", "text": "Four"},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ('{"a": 1}', {"a": 1}),
        ("", {}),
        ('{"a', {"arguments": '{"a'}),
        ("[1]", {"arguments": "[1]"}),
        # Databases refuse NUL, serialisers refuse a lone surrogate.
        (r'{"a": "\u0000\ud800", "b": 1' + "0" * 30 + "}", {"a": "\ufffd\ufffd", "b": None}),
    ],
)
def test_arguments_become_an_object_whatever_the_model_wrote(written, sent):
    call = ToolCall("fc|1:é", "look_up", written)
    body = messages_body(ANTHROPIC, user("?"), assistant("", call), result("fc|1:é", "No", is_error=True))
    assert body["messages"][1]["content"] == [
        {"type": "tool_use", "id": "fc_1__", "name": "look_up", "input": sent}
    ]
    assert body["messages"][2]["content"] == [
        {"type": "tool_result", "tool_use_id": "fc_1__", "is_error": True, "content": "No"}
    ]


@pytest.mark.parametrize(
    ("transcript", "why"),
    [
        ((assistant("Hello."), user("Hi")), "This model needs a prompt at the start of the conversation."),
        ((user(*[IMAGE] * 6),), "This model accepts at most 5 parts in one message."),
        ((user(IMAGE, IMAGE, IMAGE), user(IMAGE, IMAGE, IMAGE)), "This model accepts at most 5 parts"),
        ((user(WAV),), "This model accepts no audio."),
    ],
)
def test_what_messages_cannot_hold_is_refused(transcript, why):
    with pytest.raises(TranscriptRefused, match=why):
        messages_body(ANTHROPIC, *transcript)


def test_of_two_ways_the_endpoints_own_comes_first_unless_thoughts_go_back():
    both = {
        **ANTHROPIC,
        "properties": {
            **ANTHROPIC["properties"],
            "messages": choice(ANTHROPIC["properties"]["messages"], CHAT["properties"]["messages"]),
        },
    }
    assert "system" in messages_body(both, *TOOLS)
    plain = (system("Be brief."), user("Hi"))
    assert chat_body(both, *plain)["messages"][0]["role"] == "system"
    assert chat_body(both, *TOOLS)["messages"][1]["content"][0]["type"] == "thinking"


@pytest.mark.parametrize(
    ("parameters", "output_max", "expected"),
    [
        ({}, None, {"max_tokens": 8192}),
        ({}, 4096, {"max_tokens": 4096}),
        ({}, 64_000, {"max_tokens": 8192}),
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, 64_000, {"max_tokens": 10_192}),
        ({"thinking": {"type": "enabled", "budget_tokens": 1e999}}, 64_000, {"max_tokens": 64_000}),
        ({"thinking": {"type": "enabled", "budget_tokens": -(10**30)}}, None, {"max_tokens": 8192}),
        ({"max_tokens": 5}, 4096, {}),
    ],
)
def test_a_length_that_the_schema_insists_on(parameters, output_max, expected):
    assert required_length("messages", read_accepts(ANTHROPIC), parameters, output_max) == expected
    assert required_length("chat/completions", read_accepts(CHAT), parameters, output_max) == {}


# --- responses -----------------------------------------------------------------------------


def test_responses_with_a_tool_call():
    assert responses_body(RESPONSES, *TOOLS) == {
        "instructions": "Be brief.",
        "input": [
            {"type": "message", "role": "user", "content": "Weather?"},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "ZW5j"},
            {
                "type": "function_call",
                "call_id": "call_0",
                "name": "look_up",
                "arguments": '{"city": "Oslo"}',
            },
            {"type": "function_call_output", "call_id": "call_0", "output": "Rain"},
            {"type": "message", "role": "user", "content": "Thanks."},
        ],
    }


def test_responses_with_attachments_and_an_earlier_answer():
    body = responses_body(RESPONSES, user("Look", IMAGE, PDF), assistant("A pixel."), user("Sure?"))
    assert body == {
        "input": [
            {
                "type": "message",
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "Look"},
                    {"type": "input_image", "image_url": PIXEL, "detail": "auto"},
                    {"type": "input_file", "filename": "paper.pdf", "file_data": PDF.url},
                ],
            },
            {"type": "message", "role": "assistant", "content": "A pixel."},
            {"type": "message", "role": "user", "content": "Sure?"},
        ]
    }


def test_instructions_without_a_field_are_an_item():
    schema = an_object("input", input=array(ITEM))
    assert responses_body(schema, system("Be brief."), user("Hi"))["input"][0] == {
        "type": "message",
        "role": "system",
        "content": "Be brief.",
    }


def test_an_input_that_takes_one_text_gets_the_conversation_as_a_script():
    schema = an_object("input", input=choice(STRING, ITEM), instructions=STRING)
    assert responses_body(schema, system("Be brief."), user("Hi")) == {
        "instructions": "Be brief.",
        "input": "Hi",
    }
    body = responses_body(schema, user("Hi"), assistant("Hello."), user("More"))
    assert body["input"] == "User: Hi\n\n---\n\nAssistant: Hello.\n\n---\n\nUser: More"
    for transcript in ((user(IMAGE),), TOOLS):
        with pytest.raises(TranscriptRefused):
            responses_body(schema, *transcript)


# --- Reading schemas -----------------------------------------------------------------------


def test_a_schema_is_read_once():
    assert accepts("a digest", CHAT) is accepts("a digest", {})


def test_references_and_combined_schemas_are_followed():
    schema = {
        "$defs": {
            "User": {
                "allOf": [an_object(role=constant("user")), an_object(content={"$ref": "#/$defs/Content"})]
            },
            "Content": choice(STRING, array({"$ref": "#/$defs/Image"})),
            "Image": IMAGE_PART,
        },
        **an_object(messages=array({"$ref": "#/$defs/User"})),
    }
    [shape] = read_accepts(schema).shapes
    assert shape.roles["user"].takes_text
    assert shape.roles["user"].part_types == {"image_url"}
    assert chat_body(schema, user(IMAGE))["messages"][0]["content"][0]["type"] == "image_url"


def test_a_schema_that_refers_to_itself_is_read_all_the_same():
    circle: Schema = {"anyOf": [{"$ref": "#/$defs/Circle"}, STRING]}
    schema = {"$defs": {"Circle": circle}, **chat(message("user", {"$ref": "#/$defs/Circle"}))}
    assert read_accepts(schema).shapes[0].roles["user"].takes_text


def test_an_address_is_sent_only_where_the_schema_takes_one():
    inline = an_object(
        type=constant("image"), source=an_object(type=constant("base64"), media_type=STRING, data=STRING)
    )
    schema = chat(message("user", array(inline)))
    with pytest.raises(TranscriptRefused, match="does not fetch images from an address"):
        chat_body(schema, user(ADDRESS))
    assert messages_body(ANTHROPIC, user(ADDRESS))["messages"][0]["content"] == [
        {"type": "image", "source": {"type": "url", "url": ADDRESS.url}}
    ]


def test_roles_beyond_the_four_do_not_disturb():
    body = chat_body(chat(USER, message("function", STRING)), Turn(Role.USER, (Text("Hi"), Text("there"))))
    assert body["messages"] == [{"role": "user", "content": "Hi\n\nthere"}]
