"""Files of conversations: what each program's export becomes, and what cannot be read."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from chat.exceptions import ImportRefused
from chat.importing import elements as scanner
from chat.importing.found import FoundConversation
from chat.importing.read import Unread, read_conversations


def read(content: Any) -> list[FoundConversation | Unread]:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return list(read_conversations(io.BytesIO(text)))


def one(content: Any) -> FoundConversation:
    (found,) = read(content)
    assert isinstance(found, FoundConversation), found
    return found


def lines(found: FoundConversation) -> list[tuple[str, str, str]]:
    return [(message.parent, message.role, message.text) for message in found.messages]


def node(code: str, parent: str | None, role: str, text: str, **more: Any) -> dict[str, Any]:
    content = more.pop("content", {"content_type": "text", "parts": [text]})
    message = {"id": code, "author": {"role": role}, "content": content, "recipient": "all", **more}
    return {"id": code, "message": message, "parent": parent, "children": []}


CHATGPT = {
    "title": "Tides",
    "create_time": 1700000000.25,
    "update_time": 1700000100,
    "current_node": "recap",
    "default_model_slug": "gpt-4o",
    "mapping": {
        "root": {"id": "root", "message": None, "parent": None, "children": ["s"]},
        "s": node("s", "root", "system", "", metadata={"is_visually_hidden_from_conversation": True}),
        "q": node("q", "s", "user", "Why tides?", create_time=1700000001.5),
        "t": node(
            "t",
            "q",
            "assistant",
            "",
            content={"content_type": "thoughts", "thoughts": [{"summary": "Moon", "content": "It pulls."}]},
        ),
        "a": node("a", "t", "assistant", "The <b>moon</b>.", metadata={"model_slug": "o3"}),
        "b": node("b", "q", "assistant", "Another answer."),
        "c": node(
            "c", "b", "assistant", "", recipient="python", content={"content_type": "code", "text": "1+1"}
        ),
        "r": {
            **node("r", "c", "tool", "", content={"content_type": "execution_output", "text": "2"}),
            "children": [],
        },
        "p": node(
            "p",
            "r",
            "user",
            "",
            content={
                "content_type": "multimodal_text",
                "parts": [
                    {"content_type": "image_asset_pointer", "asset_pointer": "file://x"},
                    "What is it?",
                ],
            },
        ),
        "recap": node(
            "recap", "p", "assistant", "", content={"content_type": "reasoning_recap", "content": "3 s"}
        ),
    },
}
CHATGPT["mapping"]["r"]["message"]["author"]["name"] = "python"  # type: ignore[index]

OPEN_WEBUI = {
    "id": "x",
    "title": "Rain",
    "created_at": 1700000000,
    "updated_at": 1700000200,
    "chat": {
        "models": ["llama3:8b"],
        "params": {"system": "Be brief."},
        "history": {
            "currentId": "2",
            "messages": {
                "1": {
                    "id": "1",
                    "parentId": None,
                    "childrenIds": ["2", "3"],
                    "role": "user",
                    "content": "Rain?",
                    "timestamp": 1700000000,
                },
                "2": {
                    "id": "2",
                    "parentId": "1",
                    "role": "assistant",
                    "model": "llama3:8b",
                    "content": '<details type="reasoning" done="true">\n<summary>Thought for 3 seconds'
                    "</summary>\n&gt; Wet.\n&gt; Cold.\n</details>\nYes.",
                },
                "3": {
                    "id": "3",
                    "parentId": "1",
                    "role": "assistant",
                    "modelName": "Llama",
                    "content": "No.",
                },
            },
        },
    },
}


def test_an_export_of_chatgpt():
    found = one([CHATGPT])
    assert (found.title, found.head) == ("Tides", "p")
    assert lines(found) == [
        ("", "user", "Why tides?"),
        ("q", "assistant", "The <b>moon</b>."),
        ("q", "assistant", "Another answer."),
        ("b", "assistant", ""),
        ("c", "tool", "2"),
        ("r", "user", "[A picture or recording that the export of ChatGPT does not contain]\n\nWhat is it?"),
    ]
    answer, call, result = found.messages[1], found.messages[3], found.messages[4]
    assert answer.reasoning == "**Moon**\n\nIt pulls."
    assert answer.data["imported"] == {"from": "ChatGPT", "model": "o3"}
    assert call.data["tool_calls"] == [
        {"id": "call_c", "name": "python", "arguments": "1+1", "type": "custom"}
    ]
    assert result.data == {"tool_call_id": "call_c", "name": "python"}
    assert found.messages[0].at is not None
    assert found.created_at is not None


@pytest.mark.parametrize("wrapped", [[OPEN_WEBUI], OPEN_WEBUI, {**OPEN_WEBUI["chat"], "title": "Rain"}])  # type: ignore[dict-item]
def test_an_export_of_open_webui(wrapped):
    found = one(wrapped)
    assert (found.title, found.head) == ("Rain", "2")
    assert lines(found) == [("", "user", "Rain?"), ("1", "assistant", "Yes."), ("1", "assistant", "No.")]
    assert found.messages[1].reasoning == "Wet.\nCold."
    assert found.messages[2].data["imported"] == {"from": "Open WebUI", "model": "Llama"}
    assert [prompt.text for prompt in found.system_prompts] == ["Be brief."]
    assert found.setting == {"model": "llama3:8b"}


def test_an_old_export_of_open_webui_has_a_list():
    told = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    assert lines(one({"chat": {"messages": told}})) == [("", "user", "a"), ("0", "assistant", "b")]


BODIES = [
    {
        "model": "gpt-4o",
        "temperature": 0.5,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "One?"}],
    },
    {
        "model": "claude",
        "max_tokens": 5,
        "system": "Be brief.",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "One?"}]},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}}],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "2"}]},
        ],
    },
    {
        "model": "gpt-5",
        "instructions": "Be long.",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "Other?"}, {"type": "input_image"}]},
            {"type": "function_call", "call_id": "d", "name": "g", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "d", "output": "3"},
        ],
    },
    {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "1"}],
    },
]


def test_requests_that_begin_alike_are_branches_of_one():
    first, other = read("\n".join(map(json.dumps, BODIES)).encode())
    assert isinstance(first, FoundConversation)
    assert isinstance(other, FoundConversation)
    assert lines(first) == [
        ("", "user", "One?"),
        ("1", "assistant", ""),
        ("2", "tool", "2"),
        ("1", "assistant", "1"),
    ]
    assert first.messages[1].data["tool_calls"] == [{"id": "c", "name": "f", "arguments": '{"a": 1}'}]
    assert [prompt.text for prompt in first.system_prompts] == ["Be brief."]
    # The last of them had none.
    assert first.system_prompt is None
    assert lines(other)[0][2] == "Other?\n\n[A part of the request that cannot be imported]"
    assert lines(other)[1:] == [("1", "assistant", ""), ("2", "tool", "3")]
    assert other.setting["endpoint"] == "responses"


def own(**more: Any) -> dict[str, Any]:
    message = {"id": 1, "parent": None, "role": "user", "text": "Hi"}
    return {"format": "playground-conversation", "version": 1, "messages": [message], **more}


def said(*pairs: tuple[Any, Any]) -> dict[str, Any]:
    return own(
        messages=[{"id": code, "parent": parent, "role": "user", "text": "x"} for code, parent in pairs]
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (own(version=2), "It has version “2” of the format. This server reads version 1."),
        (own(version=None), "It has version “None” of the format."),
        (own(messages=[]), "It has no messages."),
        (own(messages="x"), "Its list of messages is no JSON array."),
        (own(messages=["x"]), "A message is no JSON object."),
        (own(messages=[{"id": 1, "role": "robot"}]), "A message has the role “robot”"),
        (said((1, 2), (2, 1)), "Its messages follow each other in a circle."),
        (said((1, 1)), "Its messages follow each other in a circle."),
        (said((1, None), (2, 7)), "Message 2 follows message 7, which is missing."),
        (said((1, None), (1, None)), "Two of its messages have the id 1."),
        ({"title": "x"}, "It is no conversation that can be read here."),
        ({"mapping": []}, "Its “mapping” is no JSON object."),
        ({"mapping": {}}, "It has no messages."),
        ({"mapping": {"a": node("a", "b", "user", "x"), "b": node("b", "a", "user", "y")}}, "in a circle"),
        ({"mapping": {"a": {"message": None, "parent": "a"}}}, "It has no messages."),
        ({"chat": 5}, "Its “chat” is no JSON object."),
        (
            {"chat": {"history": {"messages": {"1": {"id": "1", "parentId": "9", "role": "user"}}}}},
            "is missing",
        ),
    ],
)
def test_a_conversation_that_cannot_be_read_says_why_and_others_are(content, reason):
    bad, good = read([content, own(title="Good")])
    assert isinstance(bad, Unread)
    assert reason in bad.reason
    assert isinstance(good, FoundConversation)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b" \n ", "The file is empty."),
        (b"PK\x03\x04rest", "This is a zip archive."),
        (b"hello", "It is not valid JSON: line 1, column 1. A conversation was expected there"),
        (b'[\n  {"a": 1},\n  5]', "line 3, column 3. A conversation was expected there"),
        (b'[{"title": "\xc3\xa4"} x', "line 1, column 17. A conversation was expected there"),
        (b"[", "The file ends in the middle of its list."),
        (b"[] []", "Nothing may follow the list."),
        (b'\n[{"a": [1, 2}', "The file ends in the middle of the object that begins there."),
        (b'[{"a": "never closed', "line 1, column 2. The file ends in the middle of the object"),
    ],
)
def test_a_file_that_is_not_json_names_the_place(content, reason):
    with pytest.raises(ImportRefused) as refusal:
        read(content)
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'[\n{"title": "x",\n  "a": tru}\n]', "It is not valid JSON: line 3, column 8."),
        (b'{"a": \xff}', "It is not UTF-8 text, from line 1 on."),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "Line 1 is nested too deeply"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "Line 1 is nested too deeply or has a long number."),
    ],
)
def test_a_broken_conversation_names_the_place(content, reason):
    (found,) = read(content)
    assert isinstance(found, Unread)
    assert reason in found.reason


def test_an_empty_list_has_no_conversations():
    assert read(b"[]") == []


def test_strings_and_brackets_may_cross_the_pieces_in_which_a_file_is_read(monkeypatch):
    monkeypatch.setattr(scanner, "PIECE", 3)
    hard = own(title='a"b\\{[\\\\', created_at=None)
    found = read(json.dumps([hard, own(title="]}")], indent=1).encode())
    assert [each.title for each in found] == ['a"b\\{[\\\\', "]}"]


def test_a_conversation_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(scanner, "MOST_BYTES", 1_000)
    monkeypatch.setattr(scanner, "PIECE", 100)
    with pytest.raises(ImportRefused, match="has more than 0 MB"):
        read([own(title="x" * 2_000)])


def test_a_hundred_thousand_messages_are_read_in_order():
    found = one(said(*((number, number - 1 or None) for number in range(1, 100_001))))
    assert len(found.messages) == 100_000
    (refused,) = read(said(*((number, None) for number in range(100_001))))
    assert isinstance(refused, Unread)
    assert "It has 100,001 messages, more than 100,000." in refused.reason


def test_parents_may_come_later():
    found = one(said((3, 2), (2, 1), (1, None), (4, 1)))
    assert [message.id for message in found.messages] == ["1", "2", "3", "4"]


def test_parts_of_another_shape_are_left_out():
    data = {
        "tool_calls": [{"name": "f", "id": 5}, "x"],
        "citations": {"a": 1},
        "choices": {"1": {"text": "ok", "reasoning": []}, "x": {}, "2": 5},
        "logprobs": [["a", -0.5, [["b", -1.0]]], ["a", "b", []], None],
        "images": [{"file": "f", "width": "wide"}, {"odd": 1}],
        "audio": "x",
        "opaque_reasoning": [{"type": "x"}, 5],
        "hosted_tools": [{"type": "mcp", "results": ["x", {"url": "u"}]}],
        "chosen": 1,
        "imported": "x",
        "edited": True,
        "unknown": {"a": {}},
    }
    message = one(own(messages=[{"id": 1, "parent": None, "role": "assistant", "text": None, "data": data}]))
    assert message.messages[0].text == ""
    assert message.messages[0].data == {
        "tool_calls": [{"name": "f"}],
        "choices": {"1": {"text": "ok"}},
        "logprobs": [["a", -0.5, [["b", -1.0]]]],
        "images": [{"file": "f"}],
        "opaque_reasoning": [{"type": "x"}],
        "hosted_tools": [{"type": "mcp", "results": [{"url": "u"}]}],
        "edited": True,
        "imported": {"from": "a playground export"},
    }
