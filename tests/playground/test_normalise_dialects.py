"""Answers of ``/v1/responses`` and ``/v1/messages`` with traits that no recording has."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.upstream.answer import Answer
from playground.upstream.dialects.registry import normaliser_for
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import (
    Citation,
    Event,
    Failed,
    Finished,
    HostedToolCall,
    Identified,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Truncated,
    UnknownEvent,
    UsageReported,
    decode_events,
    encode_events,
)
from playground.upstream.sse import ServerSentEvent
from tests.playground.answer_reading import AnswerReading


class Reading(AnswerReading):
    """An answer whose payloads name their type."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(endpoint, inference_id="inf-1")

    def frame(self, kind: str, **fields: Any) -> Reading:
        return self.raw(json.dumps({"type": kind, **fields}), kind)


def responses() -> Reading:
    return Reading("responses")


def messages() -> Reading:
    return Reading("messages")


DIALECTS = pytest.mark.parametrize("endpoint", ["responses", "messages"])


# --- both ---


@DIALECTS
def test_it_fails_an_answer_with_nothing_in_it(endpoint):
    (failed,) = Reading(endpoint).close().of(Failed)
    assert failed.kind is FailureKind.MALFORMED


@DIALECTS
def test_it_fails_an_answer_that_it_understood_nothing_of(endpoint):
    reading = Reading(endpoint).raw(b"{broken").frame("new.event").close()
    assert [event.kind for event in reading.of(Failed)] == [FailureKind.MALFORMED]
    assert (reading.normaliser.invalid_payloads, reading.normaliser.unknown_payloads) == (1, 1)
    assert reading.of(UnknownEvent) == [UnknownEvent("new.event")]


@DIALECTS
@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"error": {"message": "Slow down", "code": 429}}, FailureKind.RATE_LIMITED),
        ({"message": "Wrong", "statusCode": "500", "requestId": "r"}, FailureKind.SERVER),
        ({"type": "error", "code": "server_error", "message": "x", "param": None}, FailureKind.SERVER),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "x"}}, FailureKind.OVERLOADED),
        ({"type": "error", "error": {"type": "rate_limit_error", "message": "x"}}, FailureKind.RATE_LIMITED),
        ({"type": "error", "error": {"type": "invalid_request_error"}}, FailureKind.BAD_REQUEST),
        ({"detail": "Not found"}, FailureKind.IN_STREAM),
    ],
)
def test_it_reads_every_form_of_an_error(endpoint, payload, kind):
    failures = Reading(endpoint).raw(json.dumps(payload).encode()).close().of(Failed)
    assert [failed.kind for failed in failures] == [kind]


@DIALECTS
def test_it_takes_an_event_of_that_name_for_an_error_whatever_it_holds(endpoint):
    (failed,) = Reading(endpoint).raw(b"upstream exploded", "error").close().of(Failed)
    assert "upstream exploded" in failed.message


@DIALECTS
def test_it_reads_the_cost_wherever_it_comes(endpoint):
    reading = Reading(endpoint).raw(b'{"meta": {"usage": {"credits_used": 7, "usd_spent": 0.0000035}}}')
    assert reading.answer.cost is not None
    assert reading.answer.cost.credits == 7


@DIALECTS
def test_it_ignores_what_follows_done(endpoint):
    reading = Reading(endpoint).raw(b"[DONE]").frame("response.output_text.delta", delta="x")
    assert reading.normaliser.is_done
    assert reading.events == []


# --- responses ---


def test_it_says_who_answers_once():
    created = {"id": "resp_1", "model": "m-1", "status": "in_progress"}
    reading = responses().frame("response.created", response=created)
    reading.frame("response.in_progress", response={**created, "id": "resp_2"})
    assert reading.events == [Identified("inf-1", "resp_1", "m-1")]


def test_it_takes_the_text_of_a_part_that_came_without_deltas():
    reading = responses().frame("response.output_text.done", output_index=0, content_index=0, text="All.")
    reading.frame("response.output_text.done", output_index=0, content_index=0, text="All.")
    assert reading.close().answer.text == "All."


def test_it_tells_items_apart_that_have_no_place():
    reading = responses()
    for item in ("a", "b"):
        reading.frame(
            "response.output_item.added",
            item_id=item,
            item={"type": "function_call", "call_id": f"call_{item}", "name": "f"},
        )
    reading.frame("response.function_call_arguments.delta", item_id="b", delta="[]")
    reading.frame("response.function_call_arguments.delta", item_id="a", delta="{}")
    assert [call["arguments"] for call in reading.answer.data["tool_calls"]] == ["{}", "[]"]


def test_it_names_a_call_by_the_id_that_its_result_needs():
    item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": {"q": 1}}
    reading = responses().frame("response.output_item.done", output_index=0, item=item)
    assert reading.events == [
        ToolCallDelta(0, id="call_1", name="f", type="function"),
        ToolCallDelta(0, arguments='{"q":1}'),
    ]


def test_it_ends_a_failed_answer_with_its_failure_and_keeps_what_it_cost():
    failed = {
        "status": "failed",
        "error": {"code": "server_error", "message": "Broke"},
        "usage": {"input_tokens": 3},
    }
    reading = responses().frame("response.output_text.delta", delta="Half")
    reading.frame("response.failed", response=failed).close()
    assert [type(event) for event in reading.events[-2:]] == [UsageReported, Failed]
    assert reading.of(Truncated) == reading.of(Finished) == []


def test_it_reads_nothing_but_figures_after_the_end():
    reading = responses().frame("response.completed", response={"status": "completed", "output": []})
    reading.frame("response.output_text.delta", delta="late").frame("x", meta={"usage": {"credits_used": 1}})
    assert reading.close().answer.text == ""
    assert reading.answer.cost is not None


def test_it_takes_a_body_without_a_status_for_whole():
    normaliser = normaliser_for("responses")
    content = [{"type": "output_text", "text": "Hi."}]
    events = normaliser.feed_body({"output": [{"type": "message", "content": content}]})
    assert events == [TextDelta("Hi."), Finished("completed")]
    assert normaliser.close() == []


@pytest.mark.parametrize("status", ["in_progress", "queued"])
def test_it_takes_a_body_that_is_still_in_the_making_for_cut(status):
    normaliser = normaliser_for("responses")
    normaliser.feed_body({"output": [], "status": status})
    assert normaliser.close() == [Truncated()]


def test_it_lists_the_sources_of_the_last_event():
    response = {
        "status": "completed",
        "output": [],
        "citations": ["https://a.example/", {"url": "https://b.example/"}],
    }
    reading = responses().frame("response.completed", response=response)
    assert reading.of(Citation) == [Citation("https://a.example/"), Citation("https://b.example/")]


def test_it_keeps_one_call_of_the_providers_tools_one():
    reading = responses()
    for name in ("added", "done"):
        item = {"type": "web_search_call", "id": f"id_{name}", "action": {"query": "lakes"}}
        reading.frame(f"response.output_item.{name}", output_index=0, item=item)
    assert [call.status for call in reading.of(HostedToolCall)] == ["in_progress", "completed"]
    assert [call["id"] for call in reading.answer.data["hosted_tools"]] == ["id_added"]


# --- messages ---


def start(**usage: Any) -> Reading:
    return messages().frame(
        "message_start", message={"id": "msg_1", "model": "m", "content": [], "usage": usage}
    )


def test_it_reports_what_was_read_before_the_first_word():
    (usage,) = start(input_tokens=7, output_tokens=1).of(UsageReported)
    assert (usage.input_tokens, usage.output_tokens) == (7, 1)


def test_it_puts_early_and_late_figures_together():
    reading = start(input_tokens=7, output_tokens=1, cache_read_input_tokens=2)
    reading.frame(
        "message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 9, "input_tokens": None}
    )
    usage = reading.of(UsageReported)[-1]
    assert usage.raw == {"input_tokens": 7, "output_tokens": 9, "cache_read_input_tokens": 2}
    assert usage.total_tokens is None


def test_it_sets_text_apart_from_what_stood_between():
    reading = start()
    for index, block in enumerate(
        [
            {"type": "text", "text": "One"},
            {"type": "text", "text": " and the same."},
            {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
            {"type": "text", "text": "Two"},
        ]
    ):
        reading.frame("content_block_start", index=index, content_block=block)
        reading.frame("content_block_stop", index=index)
    assert reading.close().answer.text == "One and the same.\n\nTwo"


def test_it_keeps_no_thoughts_that_nobody_signed():
    reading = start().frame(
        "content_block_start", index=0, content_block={"type": "thinking", "thinking": "Hm."}
    )
    reading.frame("content_block_stop", index=0)
    assert reading.of(ReasoningDelta) == [ReasoningDelta("Hm.")]
    assert "opaque_reasoning" not in reading.answer.data


def test_it_keeps_signed_thoughts_whose_block_was_never_closed():
    reading = start().frame(
        "content_block_start", index=0, content_block={"type": "thinking", "thinking": ""}
    )
    reading.frame("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "Hm."})
    reading.frame("content_block_delta", index=0, delta={"type": "signature_delta", "signature": "c2"})
    reading.frame("content_block_delta", index=0, delta={"type": "signature_delta", "signature": "ln"})
    reading.frame("message_delta", delta={"stop_reason": "end_turn"})
    [kept] = reading.answer.data["opaque_reasoning"]
    assert kept == {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
    assert reading.events[-1] == Finished("end_turn")


def test_it_lets_no_null_character_out_of_what_a_tool_was_given():
    """In JSON inside JSON an escaped NUL is six plain characters until the inner JSON is read."""
    reading = messages()
    tool = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    reading.frame("content_block_start", index=0, content_block=tool)
    given = {"type": "input_json_delta", "partial_json": r'{"query": "a\u0000b"}'}
    reading.frame("content_block_delta", index=0, delta=given).frame("content_block_stop", index=0)
    assert reading.of(HostedToolCall)[-1].input == "a\N{REPLACEMENT CHARACTER}b"


def test_it_takes_no_other_event_with_a_message_for_an_error():
    assert start(input_tokens=1).of(Failed) == []
    assert start().raw(b'{"type":"message_start","message":{"id":"\\u0000"}}').of(Failed) == []


def test_it_waits_for_no_answer_that_says_it_is_over():
    reading = start().frame("message_delta", delta={"stop_reason": "max_tokens"})
    assert reading.normaliser.is_whole
    assert reading.close().of(Truncated) == []


# --- any JSON ---

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def objects(*names: str, **known: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional={**dict.fromkeys(names, JSON), **known})


ITEM_TYPES = [
    *(
        "message",
        "reasoning",
        "function_call",
        "custom_tool_call",
        "web_search_call",
        "image_generation_call",
    ),
    *("mcp_call", "code_interpreter_call", "file_search_call", "mcp_approval_request", "new_item"),
]
PART = objects(
    "text", "refusal", "annotations", "logprobs", type=st.sampled_from(["output_text", "refusal", "x"])
)
ITEM = objects(
    *("id", "call_id", "name", "arguments", "input", "summary", "encrypted_content", "action", "outputs"),
    *("result", "results", "status", "error", "output", "code"),
    type=st.sampled_from(ITEM_TYPES) | JSON,
    content=st.lists(PART | JSON, max_size=2) | JSON,
)
RESPONSE = objects(
    *("id", "model", "error", "usage", "meta", "incomplete_details", "citations"),
    status=st.sampled_from(["completed", "failed", "incomplete"]) | JSON,
    output=st.lists(ITEM | JSON, max_size=3) | JSON,
)
RESPONSE_TYPES = [
    *("response.created", "response.completed", "response.failed", "response.incomplete", "error"),
    *("response.output_item.added", "response.output_item.done", "response.output_text.delta"),
    *("response.output_text.done", "response.refusal.delta", "response.reasoning_summary_text.delta"),
    *("response.reasoning_text.delta", "response.function_call_arguments.delta", "response.audio.delta"),
    *("response.output_text.annotation.added", "response.mcp_call.completed", "response.new"),
]
RESPONSE_FRAME = objects(
    *("delta", "text", "refusal", "annotation", "logprobs", "item_id", "error", "message", "usage", "meta"),
    type=st.sampled_from(RESPONSE_TYPES) | JSON,
    output_index=st.integers(0, 2) | JSON,
    content_index=st.integers(0, 2) | JSON,
    item=ITEM | JSON,
    response=RESPONSE | JSON,
)
BLOCK_TYPES = [
    *("text", "thinking", "redacted_thinking", "tool_use", "server_tool_use", "mcp_tool_use"),
    *("web_search_tool_result", "mcp_tool_result", "new_block"),
]
BLOCK = objects(
    *("text", "thinking", "signature", "data", "id", "name", "input", "citations", "tool_use_id", "content"),
    type=st.sampled_from(BLOCK_TYPES) | JSON,
)
DELTA_TYPES = [
    "text_delta",
    "thinking_delta",
    "signature_delta",
    "input_json_delta",
    "citations_delta",
    "new",
]
BLOCK_DELTA = objects(
    *("text", "thinking", "partial_json", "signature", "citation", "stop_reason"),
    type=st.sampled_from(DELTA_TYPES) | JSON,
)
MESSAGE_TYPES = [
    *("message_start", "content_block_start", "content_block_delta", "content_block_stop"),
    *("message_delta", "message_stop", "ping", "error", "new"),
]
MESSAGE = objects(
    "id", "model", "usage", "meta", "stop_reason", "error", content=st.lists(BLOCK | JSON, max_size=3) | JSON
)
MESSAGE_FRAME = objects(
    *("usage", "meta", "error"),
    type=st.sampled_from(MESSAGE_TYPES) | JSON,
    index=st.integers(0, 2) | JSON,
    delta=BLOCK_DELTA | JSON,
    content_block=BLOCK | JSON,
    message=MESSAGE | JSON,
)


def read_any(endpoint: str, payloads: list[Any], *, is_body: bool) -> None:
    normaliser = normaliser_for(endpoint)
    events: list[Event] = []
    for payload in payloads:
        if is_body and isinstance(payload, dict):
            events += normaliser.feed_body(payload)
        else:
            events += normaliser.feed(ServerSentEvent(json.dumps(payload).encode()))
    events += normaliser.close()
    encoded = encode_events(events)
    assert encode_events(decode_events(encoded)) == encoded
    assert "\\u0000" not in encoded.decode()
    answer = Answer()
    for event in events:
        answer.apply(event)
    json.dumps(answer.data, allow_nan=False).encode()
    assert len([event for event in events if isinstance(event, Failed)]) <= 1


@given(st.lists(RESPONSE_FRAME, max_size=6))
def test_responses_never_raise_and_all_that_they_give_can_be_stored(payloads):
    read_any("responses", payloads, is_body=False)


@given(st.lists(RESPONSE, max_size=1))
def test_whole_responses_never_raise(payloads):
    read_any("responses", payloads, is_body=True)


@given(st.lists(MESSAGE_FRAME, max_size=6))
def test_messages_never_raise_and_all_that_they_give_can_be_stored(payloads):
    read_any("messages", payloads, is_body=False)


@given(st.lists(MESSAGE, max_size=1))
def test_whole_messages_never_raise(payloads):
    read_any("messages", payloads, is_body=True)
