"""Bodies as strict as the official clients' own types: see ``tests.official_shapes``."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given

from playground.upstream.dialects import TranscriptRefused
from playground.upstream.dialects.shared.transcript import Transcript
from tests.official_shapes import errors_of, without_extensions
from tests.playground.operations import DETERMINED, Operation, operation
from tests.playground.test_dialects_bundled import BUNDLED, GENERIC
from tests.playground.transcripts import standard_transcripts

PROMPT = {"role": "user", "content": "Hi"}
CALL = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
ANSWER = {"type": "output_text", "text": "Hello.", "annotations": []}
PIXEL = {"type": "base64", "media_type": "image/png", "data": "AA=="}
FUNCTION = {"name": "f", "parameters": {"type": "object"}}


def chat(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "stream": True, "messages": list(messages) or [PROMPT], **more}


def responses(*items: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "stream": True, "input": list(items) or "Hi", **more}


def messages(*found: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "stream": True, "max_tokens": 5, "messages": list(found) or [PROMPT], **more}


def blocks(role: str, *content: Any) -> dict[str, Any]:
    return messages({"role": role, "content": list(content)})


def said(**more: Any) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": [ANSWER], **more}


RIGHT = [
    ("chat/completions", chat(temperature=1, stop=["x"], tools=[{"type": "function", "function": FUNCTION}])),
    ("chat/completions", chat({"role": "tool", "tool_call_id": "c", "content": "Rain"})),
    ("responses", responses(instructions="Be brief.", reasoning={"effort": "low"})),
    (
        "responses",
        responses(PROMPT, CALL, {"type": "function_call_output", "call_id": "c", "output": "Rain"}),
    ),
    ("responses", responses(said(id="msg_1", status="completed"))),
    ("messages", messages(system="Be brief.", tools=[{"name": "f", "input_schema": {"type": "object"}}])),
    ("messages", blocks("user", {"type": "image", "source": PIXEL})),
    ("messages", blocks("user", {"type": "tool_result", "tool_use_id": "c", "content": "Rain"})),
]
WRONG = [
    ("chat/completions", chat(max_output_tokens=5)),
    ("chat/completions", chat(temperature="1")),
    ("chat/completions", chat({"role": "tool", "content": "Rain"})),
    ("chat/completions", chat({"role": "user", "content": [{"type": "input_text", "text": "Hi"}]})),
    ("chat/completions", chat({"role": "user", "content": "Hi", "text": "Hi"})),
    ("chat/completions", chat(tools=[{"type": "function", **FUNCTION}])),
    ("chat/completions", {"model": "m", "stream": True}),
    ("responses", responses(max_tokens=5)),
    ("responses", responses(tools=[{"type": "function", "function": FUNCTION}])),
    ("responses", responses(said())),
    ("responses", responses(said(id="msg_1", status="completed", content=[{"type": "text", "text": "Hi"}]))),
    ("responses", responses({"role": "tool", "tool_call_id": "c", "content": "Rain"})),
    ("responses", responses({**CALL, "arguments": {}})),
    ("responses", responses({"role": "user", "content": [{"type": "input_image", "image_url": "x"}]})),
    ("messages", messages({"role": "tool", "tool_call_id": "c", "content": "Rain"})),
    ("messages", messages({"role": "assistant", "content": None, "tool_calls": []})),
    ("messages", blocks("user", {"type": "image_url", "image_url": {"url": "x"}})),
    ("messages", blocks("user", {"type": "image", "source": {**PIXEL, "media_type": "image/bmp"}})),
    ("messages", blocks("assistant", {"type": "tool_use", "id": "c", "name": "f", "input": "{}"})),
    ("messages", messages(tools=[{"type": "function", "function": FUNCTION}])),
    ("messages", messages(stop=["x"])),
    ("messages", {"model": "m", "stream": True, "messages": [PROMPT]}),
]


@pytest.mark.parametrize(("kind", "body"), RIGHT)
def test_it_accepts_what_the_clients_send(kind, body):
    assert errors_of(kind, body) == []


@pytest.mark.parametrize(("kind", "body"), WRONG)
def test_it_finds_every_wrong_shape(kind, body):
    assert errors_of(kind, body)


def test_parameters_of_other_providers_can_be_set_aside():
    body = chat(top_k=3)
    assert errors_of("chat/completions", body) == ["top_k: Extra inputs are not permitted"]
    assert errors_of("chat/completions", without_extensions("chat/completions", body)) == []


# --- Bodies of the product ---

ANY = {"type": "object"}


def silent(kind: str, **transcript: Any) -> Operation:
    properties = {"model": {"type": "string"}, **transcript}
    return operation("silent", kind, {"type": "object", "properties": properties, "required": ["model"]})


# Schemas that say little about messages, so that the dialect decides.
SILENT = {
    "chat/completions": silent("chat/completions", messages={"type": "array", "items": ANY}),
    "messages": silent("messages", messages={"type": "array", "items": ANY}),
    "messages, of any type": silent("messages", messages={}),
    "messages, not mentioned": silent("messages"),
    "messages, with roles": silent(
        "messages",
        messages={
            "type": "array",
            "items": {**ANY, "properties": {"role": {"enum": ["user", "assistant"]}, "content": {}}},
        },
    ),
    "responses": silent("responses", input={"type": "array", "items": ANY}),
    "responses, of any type": silent("responses", input={}),
    "responses, not mentioned": silent("responses"),
    "generic": GENERIC[0],
}


@pytest.mark.parametrize("operation", SILENT.values(), ids=SILENT)
def test_where_a_schema_is_silent_every_body_is_the_dialects_own(operation):
    @DETERMINED
    @given(standard_transcripts())
    def check(transcript: Transcript) -> None:
        body = operation.body(transcript)
        assert errors_of(operation.kind, body) == []
        assert len(_ids(body)) == len(set(_ids(body)))

    check()


# Documents of Claude describe Anthropic's parts and system prompt at chat/completions.
DOCUMENTED = [each for each in BUNDLED if each.kind != "chat/completions" or "claude" not in each.name]


@pytest.mark.parametrize("operation", DOCUMENTED, ids=lambda each: f"{each.name} {each.kind}")
def test_documented_models_get_official_shapes_too(operation):
    sent: Counter[bool] = Counter()

    @DETERMINED
    @given(standard_transcripts())
    def check(transcript: Transcript) -> None:
        try:
            body = operation.body(transcript)
        except TranscriptRefused:
            sent[False] += 1
            return
        sent[True] += 1
        assert errors_of(operation.kind, without_extensions(operation.kind, body)) == []

    check()
    assert sent[True] or operation.is_captioner


def _ids(body: dict[str, Any]) -> list[str]:
    """Return the ids of the tool calls in a body of any dialect."""
    found = [item["call_id"] for item in body.get("input", ()) if item.get("type") == "function_call"]
    for message in body.get("messages", ()):
        found += [call["id"] for call in message.get("tool_calls", ())]
        parts = message["content"] if isinstance(message.get("content"), list) else ()
        found += [part["id"] for part in parts if part["type"] == "tool_use"]
    return found
