"""Events become an answer, as a message stores it."""

from __future__ import annotations

import tracemalloc
from base64 import b64decode, b64encode

import pytest

from playground.upstream.answer import Answer
from playground.upstream.events import (
    AudioDelta,
    Citation,
    CostReported,
    Event,
    Finished,
    HostedToolCall,
    ImageReceived,
    Logprobs,
    ReasoningDelta,
    ReasoningOpaque,
    ReasoningWasText,
    RefusalDelta,
    TextDelta,
    TextWasReasoning,
    TokenLogprob,
    ToolCallDelta,
    UsageReported,
    decode_events,
)


def answer_of(*events: Event) -> Answer:
    answer = Answer()
    for event in events:
        answer.apply(event)
    return answer


def test_it_tells_choices_apart():
    answer = answer_of(
        TextDelta("a"),
        TextDelta("b", 1),
        ReasoningDelta("hm", 1),
        RefusalDelta("no", 1),
        ToolCallDelta(0, "call_1", "f", "{}", "function", 1),
        ReasoningOpaque({"data": "x"}, 1),
        Finished("length", 1),
        Finished("stop"),
    )
    assert (answer.text, answer.reasoning, answer.finish_reason) == ("a", "", "stop")
    assert answer.finish_reasons == ["length", "stop"]
    assert answer.data == {
        "choices": {
            "1": {
                "text": "b",
                "reasoning": "hm",
                "finish_reason": "length",
                "refusal": "no",
                "tool_calls": [{"id": "call_1", "name": "f", "arguments": "{}"}],
                "opaque_reasoning": [{"data": "x"}],
            }
        }
    }


def test_it_takes_text_back_that_was_reasoning_for_its_choice_alone():
    answer = answer_of(
        TextDelta("a"), TextDelta("b"), TextDelta("other", 1), TextWasReasoning(), TextDelta("c")
    )
    assert (answer.reasoning, answer.text, answer.others[1].text) == ("ab", "c", "other")


@pytest.mark.parametrize(
    ("characters", "expected"),
    [(0, ("abcd", "<")), (3, ("a", "<bcd")), (4, ("", "<abcd")), (9, ("", "<abcd"))],
)
def test_it_takes_reasoning_back_that_was_text(characters, expected):
    answer = answer_of(
        ReasoningDelta("ab"),
        ReasoningDelta("cd"),
        ReasoningDelta("x", 1),
        TextDelta("<"),
        ReasoningWasText(characters),
    )
    assert (answer.reasoning, answer.text) == expected
    assert answer.others[1].reasoning == "x"


def test_it_keeps_the_type_of_a_call_that_is_no_function():
    answer = answer_of(ToolCallDelta(0, "a", "f", "x", "custom"), ToolCallDelta(0, arguments="y"))
    assert answer.data["tool_calls"] == [{"id": "a", "name": "f", "arguments": "xy", "type": "custom"}]


def test_it_joins_sound_that_was_padded_piece_by_piece():
    pieces = [b"RIFF\xff", b"WAVE", b"!"]
    encoded = [b64encode(piece).decode() for piece in pieces]
    answer = answer_of(
        *map(AudioDelta, encoded), AudioDelta(transcript="Hi"), AudioDelta("IQ"), AudioDelta("?")
    )
    assert answer.audio == b"".join(pieces) + b"!"
    assert b64decode(answer.data["audio"]) == answer.audio
    assert answer.data["transcript"] == "Hi"


def test_it_brings_a_call_of_the_providers_tools_up_to_date():
    answer = answer_of(
        HostedToolCall("a", type="web_search", status="in_progress", input="lakes"),
        HostedToolCall("b", type="mcp", status="in_progress"),
        HostedToolCall("a", status="completed", results=[{"url": "https://a.example/", "title": "A"}]),
    )
    first, second = answer.data["hosted_tools"]
    assert first == {
        "id": "a",
        "type": "web_search",
        "status": "completed",
        "input": "lakes",
        "results": [{"url": "https://a.example/", "title": "A"}],
    }
    assert second["status"] == "in_progress"


def test_it_stores_only_what_there_is():
    answer = answer_of(
        Citation("https://a.example/", "A"),
        Citation("", "Paper", "words"),
        ImageReceived(url="https://a.example/i.png"),
        Logprobs([TokenLogprob("a", -0.5, [("b", -1.0)])]),
        Logprobs([TokenLogprob("c", 0.0)]),
    )
    assert answer.data == {
        "citations": [
            {"url": "https://a.example/", "title": "A"},
            {"url": "", "title": "Paper", "quote": "words"},
        ],
        "images": [{"url": "https://a.example/i.png"}],
        "logprobs": [["a", -0.5, [("b", -1.0)]], ["c", 0.0, []]],
    }
    assert answer_of(TextDelta("a")).data == {}


@pytest.mark.parametrize(
    "event",
    [
        TextDelta("a"),
        TextDelta("a", 1),
        ReasoningDelta("a"),
        RefusalDelta("a"),
        ToolCallDelta(0, "a"),
        ImageReceived(url="https://a.example/i.png"),
        AudioDelta("AA=="),
    ],
)
def test_it_is_not_empty_once_anything_was_generated(event):
    assert answer_of().is_empty
    answer = answer_of(event)
    assert not answer.is_empty
    assert not answer.has_cost_nothing


@pytest.mark.parametrize(
    "event",
    [
        HostedToolCall("a", type="web_search"),
        ReasoningOpaque({"encrypted_content": "x"}),
        CostReported(1, None),
        UsageReported(1, None, None, None, {"input_tokens": 1}),
    ],
)
def test_it_may_have_cost_something_though_it_is_empty(event):
    answer = answer_of(event)
    assert answer.is_empty
    assert not answer.has_cost_nothing


def test_it_holds_a_long_text_in_little_more_than_its_letters():
    pieces = [f"{number} " for number in range(100_000)]
    text = "".join(pieces)
    tracemalloc.start()
    try:
        answer = Answer()
        for piece in pieces:
            # Each is a separate string, as in a real stream.
            answer.apply(TextDelta(piece[:1] + piece[1:]))
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert answer.text == text
    assert held < 2 * len(text)


def test_it_reads_logs_of_earlier_versions():
    log = b"""[
        {"event": "reasoning", "text": "hm"}, {"event": "text", "text": "a"},
        {"event": "refusal", "text": "no"}, {"event": "audio", "transcript": "t"},
        {"event": "tool_call", "index": 0, "id": "c", "name": "f", "arguments": "{}"},
        {"event": "reasoning_opaque", "data": {"encrypted_content": "x"}},
        {"event": "citation", "url": "https://a.example/", "title": "A"},
        {"event": "failed", "kind": "cut", "message": "Cut."}, {"event": "finished", "reason": "stop"}
    ]"""
    answer = answer_of(*decode_events(log))
    assert (answer.reasoning, answer.text, answer.finish_reason) == ("hm", "a", "stop")
    assert answer.data == {
        "refusal": "no",
        "tool_calls": [{"id": "c", "name": "f", "arguments": "{}"}],
        "opaque_reasoning": [{"encrypted_content": "x"}],
        "citations": [{"url": "https://a.example/", "title": "A"}],
        "transcript": "t",
    }


def test_it_gathers_the_arguments_of_a_long_call_without_copying_them_each_time():
    answer = answer_of(*[ToolCallDelta(0, arguments="x" * 10)] * 200_000)
    # Joining the text at every piece would take minutes.
    assert len(answer.data["tool_calls"][0]["arguments"]) == 2_000_000
