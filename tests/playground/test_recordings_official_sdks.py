"""The official clients read recordings and the demo's answers as this project does.

Where they give up on a recording that we get through, it is left out here: broken JSON, a byte order
mark, parts that were never announced, events without names, errors.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anthropic
import httpx
import openai
import pytest

from playground.upstream.answer import Answer
from playground.upstream.recording.replaying import gather
from tests.raw_upstream import END, STREAM, Visit, chunked, raw_upstream
from tests.upstream_facts import recording_bytes, recordings

OURS = Path(__file__).parent / "recordings"
_OWN: list[dict[str, Any]] = json.loads((OURS / "manifest.json").read_text(encoding="utf-8"))

# Recordings with content or an end that the client has no field for.
_BEYOND_THEM = (
    "error",
    "failed",
    "invalid_json",
    "empty_and_null",
    "event_id_retry",
    "blank_data",
    "bom",
    "reasoning_text",
    "other_and_unknown",
    "changing_ids",
    "without_output_index",
    "responses_logprobs",
    "cut",
    "cancelled",
    "no_names",
    "minimax",
    "incomplete",
    "responses_audio",
    "chat_usage_",
    "chat_thinking_blocks_alone",
    "harmony",
)


def readable(*prefixes: str) -> list[Any]:
    """Return the recordings that the clients can read to their end."""
    own = [(entry["file"], (OURS / entry["file"]).read_bytes()) for entry in _OWN]
    shared = [(entry["file"], recording_bytes(entry)) for entry in recordings("")]
    return [
        pytest.param(data, id=f"{where}-{name}")
        for where, found in (("ours", own), ("shared", shared))
        for name, data in found
        if name.startswith(prefixes)
        and name.endswith(".sse")
        and not any(word in name for word in _BEYOND_THEM)
    ]


@asynccontextmanager
async def playing(data: bytes) -> AsyncIterator[str]:
    """Serve the recording in pieces that end anywhere, and yield the address."""
    pieces = [data[start : start + 97] for start in range(0, len(data), 97)]

    async def script(visit: Visit) -> None:
        await visit.send(STREAM + chunked(*pieces) + END)

    async with raw_upstream(script) as upstream:
        yield upstream.base_url


def calls_of(answer: Answer) -> list[tuple[str, str, Any]]:
    return [
        (call["id"], call["name"], _parsed(call["arguments"])) for call in answer.data.get("tool_calls", ())
    ]


def _parsed(arguments: str) -> Any:
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


# --- chat completions ---


class ChatReading:
    """Assemble the answer from the chunks, as a user of the client would."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self.reasoning: dict[int, str] = {}
        self.refusal = self.transcript = ""
        self.finish: list[str] = []
        self.calls: dict[int, dict[str, str]] = {}
        self.usage: Any = None

    def add(self, chunk: Any) -> None:
        self.usage = chunk.usage or self.usage
        for choice in chunk.choices or ():
            if choice.finish_reason:
                self.finish.append(choice.finish_reason)
            if choice.delta is not None:
                self._add(choice.index, choice.delta)

    def _add(self, index: int, delta: Any) -> None:
        extra = delta.model_extra or {}
        self.texts[index] = self.texts.get(index, "") + (delta.content or "")
        words = extra.get("reasoning_content") or extra.get("reasoning") or ""
        self.reasoning[index] = self.reasoning.get(index, "") + words
        self.refusal += delta.refusal or ""
        self.transcript += (delta.audio and delta.audio.transcript) or ""
        if index == 0:
            for piece in delta.tool_calls or ():
                call = self.calls.setdefault(piece.index, {"id": "", "name": "", "arguments": ""})
                call["id"] = piece.id or call["id"]
                call["name"] = piece.function.name or call["name"]
                call["arguments"] += piece.function.arguments or ""
        if legacy := delta.function_call:
            call = self.calls.setdefault(0, {"id": "", "name": "", "arguments": ""})
            call["name"] += legacy.name or ""
            call["arguments"] += legacy.arguments or ""


# The client takes reasoning between tags, or in parts, as text; Claude's second finish counts twice.
CHAT = [
    param
    for param in readable("chat_", "sse_")
    if not any(word in str(param.id) for word in ("think_", "thinking_parts", "claude", "halves"))
]


@pytest.mark.parametrize("data", CHAT)
async def test_it_reads_chat_completions_as_the_client_does(data):
    await check_chat(data)


async def check_chat(data: bytes) -> None:
    reading = ChatReading()
    async with playing(data) as base_url, openai.AsyncOpenAI(api_key="x", base_url=base_url) as client:
        stream = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "x"}], stream=True
        )
        async for chunk in stream:
            reading.add(chunk)
    answer = gather(data, "chat/completions")
    assert answer.text == reading.texts.get(0, "")
    assert answer.reasoning == reading.reasoning.get(0, "")
    assert {index: (choice.text, choice.reasoning) for index, choice in answer.others.items()} == {
        index: (text, reading.reasoning[index]) for index, text in reading.texts.items() if index
    }
    assert (
        answer.first.refusal + "".join(choice.refusal for choice in answer.others.values()) == reading.refusal
    )
    assert "".join(answer.transcript_parts) == reading.transcript
    assert answer.finish_reasons == reading.finish
    calls = [(call["id"], call["name"], _parsed(call["arguments"])) for call in reading.calls.values()]
    assert calls_of(answer) == calls
    figures = answer.usage and (
        answer.usage.input_tokens,
        answer.usage.output_tokens,
        answer.usage.total_tokens,
    )
    usage = reading.usage
    assert figures == (usage and (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens))


# --- responses ---


@pytest.mark.parametrize("data", readable("responses_"))
async def test_it_reads_responses_as_the_client_does(data):
    await check_responses(data)


async def check_responses(data: bytes) -> None:
    thoughts = ""
    async with (
        playing(data) as base_url,
        openai.AsyncOpenAI(api_key="x", base_url=base_url) as client,
        client.responses.stream(model="m", input="x") as stream,
    ):
        async for event in stream:
            if event.type == "response.reasoning_summary_text.delta":
                thoughts += event.delta
        found = await stream.get_final_response()
    answer = gather(data, "responses")
    messages = [item for item in found.output if item.type == "message"]
    parts = [[part for part in item.content if part.type == "output_text"] for item in messages]
    assert answer.text == "\n\n".join("".join(part.text for part in texts) for texts in parts if texts)
    assert answer.first.refusal == "".join(
        part.refusal for item in messages for part in item.content if part.type == "refusal"
    )
    summaries = [part.text for item in found.output if item.type == "reasoning" for part in item.summary]
    # Some servers leave the summary out of the last event.
    assert answer.reasoning == "\n\n".join(summaries) or answer.reasoning == thoughts
    calls = [item for item in found.output if item.type in ("function_call", "custom_tool_call")]
    assert calls_of(answer) == [
        (item.call_id, item.name, _parsed(item.arguments if item.type == "function_call" else item.input))
        for item in calls
    ]
    citations = [
        note.url
        for texts in parts
        for part in texts
        for note in part.annotations
        if note.type == "url_citation"
    ]
    assert [citation["url"] for citation in answer.citations] == citations
    assert answer.finish_reason == found.status
    usage = found.usage
    assert usage is not None and answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (
        usage.input_tokens,
        usage.output_tokens,
    )


# --- messages ---


@pytest.mark.parametrize(
    "data",
    [
        param
        for param in readable("messages_")
        if not any(word in str(param.id) for word in ("think_tags", "halves"))
    ],
)
async def test_it_reads_messages_as_the_client_does(data):
    await check_messages(data)


async def check_messages(data: bytes) -> None:
    async with playing(data) as base_url:
        place = base_url.removesuffix("/v1")
        async with (
            anthropic.AsyncAnthropic(api_key="x", base_url=place) as client,
            client.messages.stream(
                model="m", max_tokens=5, messages=[{"role": "user", "content": "x"}]
            ) as stream,
        ):
            found = await stream.get_final_message()
    answer = gather(data, "messages")
    texts, was_text = "", False
    for block in found.content:
        if block.type == "text":
            texts += ("" if was_text or not texts else "\n\n") + block.text
        was_text = block.type == "text"
    assert answer.text == texts
    thoughts = [block for block in found.content if block.type in ("thinking", "redacted_thinking")]
    assert answer.reasoning == "\n\n".join(
        block.thinking for block in thoughts if block.type == "thinking" and block.thinking
    )
    assert answer.first.opaque_reasoning == [
        {"type": "thinking", "thinking": block.thinking, "signature": block.signature}
        if block.type == "thinking"
        else {"type": "redacted_thinking", "data": block.data}
        for block in thoughts
    ]
    assert calls_of(answer) == [
        (block.id, block.name, block.input) for block in found.content if block.type == "tool_use"
    ]
    citations = [note for block in found.content if block.type == "text" for note in block.citations or ()]
    assert [citation["quote"] for citation in answer.citations] == [note.cited_text for note in citations]
    assert answer.finish_reason == (found.stop_reason or "")
    assert answer.usage is not None
    usage = found.usage
    # The client gives the three parts of the input.
    cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (
        usage.input_tokens + cached,
        usage.output_tokens,
    )


# --- the demo ---

TOOL = {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
BLOCK_TOOL = {"name": TOOL["name"], "input_schema": TOOL["parameters"]}
ASKED = {"messages": [{"role": "user", "content": "What is the weather in Oslo?"}]}
SEALED = {"include": ["reasoning.encrypted_content"]}
THINKING = {"thinking": {"type": "enabled", "budget_tokens": 40}, "max_tokens": 500}


@pytest.mark.parametrize(
    ("check", "endpoint", "body"),
    [
        (check_chat, "chat/completions", {**ASKED, "stream_options": {"include_usage": True}}),
        (check_chat, "chat/completions", {**ASKED, "tools": [{"type": "function", "function": TOOL}]}),
        (check_responses, "responses", {"input": "Why do cats purr?", **SEALED}),
        (
            check_responses,
            "responses",
            {"input": ASKED["messages"], "tools": [{"type": "function", **TOOL}], **SEALED},
        ),
        (check_messages, "messages", {**ASKED, **THINKING}),
        (check_messages, "messages", {**ASKED, **THINKING, "tools": [BLOCK_TOOL]}),
    ],
)
async def test_it_reads_the_demo_as_the_client_does(demo_upstream, check, endpoint, body):
    async with httpx.AsyncClient(base_url=demo_upstream.base_url, timeout=10) as client:
        found = await client.post(endpoint, json={"model": "demo/polyglot", "stream": True, **body})
    assert found.status_code == 200, found.text
    assert gather(found.content, endpoint).usage is not None
    await check(found.content)


def test_enough_recordings_are_read_by_both():
    assert len(readable("messages_")) >= 12
    assert len(readable("responses_")) >= 8
    assert len(CHAT) >= 6
