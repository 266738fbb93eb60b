"""Marks that providers put on an answer, read once from every dialect, as a stream and whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playground.upstream.answer import Answer
from playground.upstream.events import Event, Reported
from playground.upstream.reading import AnswerReader

CHAT = {"id": "c-1", "model": "m-1", "system_fingerprint": "fp_1", "service_tier": "flex"}
RESPONSE = {"id": "resp_1", "model": "m-1", "status": "completed", "service_tier": "flex", "output": []}
USAGE = {"input_tokens": 3, "output_tokens": 2, "service_tier": "flex"}
TEXT = {"type": "text", "text": "Hi"}


def sse(*payloads: dict[str, Any]) -> bytes:
    return b"".join(
        b"event: %s\ndata: %s\n\n" % (str(each.get("type", "message")).encode(), json.dumps(each).encode())
        for each in payloads
    )


def chat_chunk(delta: dict[str, Any], **choice: Any) -> dict[str, Any]:
    return {**CHAT, "choices": [{"index": 0, "delta": delta, "finish_reason": None, **choice}]}


STREAMS = {
    "chat/completions": sse(
        chat_chunk({"content": "H"}),
        chat_chunk({"content": "i"}),
        chat_chunk({}, finish_reason="stop", native_finish_reason="STOP"),
        {**CHAT, "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
    ),
    "responses": sse(
        {
            "type": "response.created",
            "response": {**RESPONSE, "status": "in_progress", "service_tier": "auto"},
        },
        {
            "type": "response.output_text.delta",
            "item_id": "a",
            "output_index": 0,
            "content_index": 0,
            "delta": "Hi",
        },
        {"type": "response.completed", "response": RESPONSE},
    ),
    "messages": sse(
        {"type": "message_start", "message": {"id": "msg_1", "model": "m-1", "content": [], "usage": USAGE}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    ),
}
WHOLE: dict[str, dict[str, Any]] = {
    "chat/completions": {
        **CHAT,
        "choices": [
            {
                "index": 0,
                "message": {"content": "Hi"},
                "finish_reason": "stop",
                "native_finish_reason": "STOP",
            }
        ],
    },
    "responses": {
        **RESPONSE,
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}],
    },
    "messages": {"id": "msg_1", "model": "m-1", "content": [TEXT], "stop_reason": "end_turn", "usage": USAGE},
}
MARKS = {
    "chat/completions": Reported("fp_1", "flex", "STOP"),
    "responses": Reported(service_tier="flex"),
    "messages": Reported(service_tier="flex"),
}


def read(kind: str, data: bytes, media_type: str) -> list[Event]:
    reader = AnswerReader(kind, 200, {"content-type": media_type})
    return [*reader.begin(), *reader.feed(data), *reader.close()]


@pytest.mark.parametrize("kind", MARKS)
@pytest.mark.parametrize("is_stream", [True, False])
def test_the_marks_come_once(kind, is_stream):
    data = STREAMS[kind] if is_stream else json.dumps(WHOLE[kind]).encode()
    events = read(kind, data, "text/event-stream" if is_stream else "application/json")
    answer = Answer()
    for event in events:
        answer.apply(event)
    assert answer.text == "Hi"
    assert [event for event in events if isinstance(event, Reported)] == [MARKS[kind]]
    assert answer.marks["model"] == "m-1"
    assert answer.marks["service_tier"] == "flex"


@pytest.mark.parametrize("mark", [None, 7, ["flex"], {"name": "flex"}, ""])
def test_marks_of_another_type_are_ignored(mark):
    body = {**WHOLE["chat/completions"], "system_fingerprint": mark, "service_tier": mark}
    events = read("chat/completions", json.dumps(body).encode(), "application/json")
    assert [event for event in events if isinstance(event, Reported)] == [Reported("", "", "STOP")]


def test_a_long_mark_is_cut():
    body = {**WHOLE["chat/completions"], "system_fingerprint": "x" * 5_000}
    [found] = [
        each
        for each in read("chat/completions", json.dumps(body).encode(), "application/json")
        if isinstance(each, Reported)
    ]
    assert len(found.system_fingerprint) == 200
