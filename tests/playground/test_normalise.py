from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.upstream.dialects.chat_completions.read import ChatCompletionsNormaliser
from playground.upstream.dialects.chat_completions.reasoning import ThinkingBlocks
from playground.upstream.dialects.registry import normaliser_for
from playground.upstream.errors.exceptions import EndpointNotSupported, FailureKind
from playground.upstream.events import (
    AudioDelta,
    AudioIdentified,
    Citation,
    CostReported,
    Event,
    Failed,
    Finished,
    Identified,
    ImageReceived,
    ReasoningDelta,
    ReasoningOpaque,
    TextDelta,
    Truncated,
    UnknownEvent,
    UsageReported,
    decode_events,
    encode_events,
)
from playground.upstream.sse import ServerSentEvent
from tests.playground.answer_reading import AnswerReading


class Reading(AnswerReading):
    """An answer of chat completions."""

    def __init__(self) -> None:
        super().__init__("chat/completions")

    def chunk(self, **fields: Any) -> Reading:
        return self.raw(json.dumps(fields))

    def delta(self, index: int = 0, *, finish: str | None = None, **delta: Any) -> Reading:
        return self.chunk(choices=[{"index": index, "delta": delta, "finish_reason": finish}])

    @property
    def failure(self) -> Failed:
        """Return the only event, which is a failure."""
        (event,) = self.events
        assert isinstance(event, Failed)
        return event

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.of(TextDelta))

    @property
    def reasoning(self) -> str:
        return "".join(event.text for event in self.of(ReasoningDelta))


# --- text, reasoning, choices ---


def test_it_gives_text_as_it_comes():
    assert Reading().delta(content="a").delta(content="b").events == [TextDelta("a"), TextDelta("b")]


def test_it_keeps_white_space_before_the_first_word():
    assert Reading().delta(content="\n\n").delta(content=" Hello").text == "\n\n Hello"


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_it_reads_reasoning_under_either_name(name):
    assert Reading().chunk(choices=[{"delta": {name: "hm", "content": None}}]).events == [
        ReasoningDelta("hm")
    ]


def test_it_gives_reasoning_once_that_comes_in_three_places():
    details = [{"type": "reasoning.text", "text": "hm", "index": 0}]
    reading = Reading().delta(reasoning_content="hm", reasoning="hm", reasoning_details=details)
    assert reading.events == [ReasoningDelta("hm")]


def test_it_reads_details_where_nothing_else_holds_the_reasoning():
    details = [{"type": "reasoning.summary", "summary": "in "}, {"type": "reasoning.text", "text": "short"}]
    assert Reading().delta(reasoning_details=details).events == [ReasoningDelta("in short")]


def test_it_keeps_encrypted_and_signed_reasoning():
    signed = {"type": "reasoning.text", "text": "hm", "signature": "s"}
    sealed = {"type": "reasoning.encrypted", "data": "abc"}
    reading = Reading().delta(reasoning_details=[signed, sealed]).delta(encrypted_content="xyz")
    assert [event.data for event in reading.of(ReasoningOpaque)] == [
        signed,
        sealed,
        {"encrypted_content": "xyz"},
    ]
    assert reading.reasoning == "hm"


def test_it_keeps_a_signature_of_hidden_reasoning():
    extra = {"google": {"thought_signature": "s"}}
    assert Reading().delta(content="a", extra_content=extra).of(ReasoningOpaque) == [
        ReasoningOpaque({"extra_content": extra})
    ]


def test_it_compares_a_block_with_all_before_it_at_no_more_than_its_own_cost():
    """Joining the text anew for each piece would take most of an hour."""
    blocks, words = ThinkingBlocks(), ["so ", "be ", "it "] * 100_000
    for word in words:
        assert blocks.read([{"type": "thinking", "thinking": word}], 0, None).text == word
    whole = {"type": "thinking", "thinking": "".join(words), "signature": "s"}
    assert blocks.read([whole], 0, None) == ("", [{"thinking_blocks": [whole]}])


def test_it_reads_content_that_comes_in_parts():
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    reading = Reading().delta(content=[thinking, {"type": "text", "text": "a"}, "b", 3, {"type": "new"}])
    assert (reading.reasoning, reading.text) == ("hm", "ab")


def test_it_ignores_a_message_beside_a_delta_and_after_one():
    choice = {"index": 0, "delta": {"content": "a"}, "message": {"content": "a"}}
    reading = Reading().chunk(choices=[choice]).chunk(choices=[{"index": 0, "message": {"content": "a"}}])
    assert reading.text == "a"


def test_it_reads_a_message_where_no_delta_ever_came():
    assert (
        Reading().chunk(choices=[{"message": {"content": "whole"}, "finish_reason": "stop"}]).text == "whole"
    )


def test_it_tells_choices_apart():
    reading = Reading().delta(1, content="B").delta(0, content="A").delta(1, finish="stop")
    assert reading.events == [TextDelta("B", 1), TextDelta("A"), Finished("stop", 1)]


@pytest.mark.parametrize("reason", ["stop", "length", "end_turn", "STOP", "MAX_TOKENS", "content_filter"])
def test_it_passes_on_the_upstreams_own_word_for_the_end(reason):
    assert Reading().delta(finish=reason).events == [Finished(reason)]


def test_it_tells_the_end_once_though_claude_says_it_twice():
    reading = Reading().delta(content="a", finish="stop")
    reading.chunk(choices=[{"index": 0, "finish_reason": "stop"}]).close()
    assert reading.of(Finished) == [Finished("stop")]


def test_it_reads_audio_piece_by_piece():
    reading = Reading().delta(audio={"id": "a", "transcript": "Hi"}).delta(audio={"data": "UklG"})
    pieces = [AudioDelta("", "Hi"), AudioDelta("UklG", "")]
    assert reading.delta(audio={"expires_at": 1}).events == [*pieces, AudioIdentified("a", 1)]


def test_it_leaves_tags_alone_where_reasoning_has_its_own_field():
    reading = Reading().delta(reasoning_content="hm").delta(content="a</think>\n").delta(content="b")
    assert (reading.reasoning, reading.text) == ("hm", "a</think>\nb")


@pytest.mark.parametrize(
    ("url", "images"),
    [
        ("data:image/jpeg;base64,/9j/AA==", [ImageReceived(data="/9j/AA==", media_type="image/jpeg")]),
        ("data:image/jpeg;base64,iVBORw0=", [ImageReceived(data="iVBORw0=", media_type="image/png")]),
        (
            "data:image/webp;base64,UklGRhIAAABXRUJQVlA4",
            [ImageReceived(data="UklGRhIAAABXRUJQVlA4", media_type="image/webp")],
        ),
        ("data:image/webp;base64,UklGRiQAAABXQVZFZm10", []),
        ("https://a.example/i.png", [ImageReceived(url="https://a.example/i.png")]),
        ("data:image/svg+xml;base64,PHN2Zz4=", []),
        ("data:text/html;base64,iVBORw0=", []),
        ("data:image/png,iVBORw0=", []),
        ("javascript:alert(1)", []),
        ("https://a.example/" + "a" * 3_000, []),
        (7, []),
    ],
)
def test_it_takes_pictures_for_what_their_bytes_are(url, images):
    parts = [{"type": "image_url", "image_url": {"url": url}}]
    assert Reading().delta(images=parts).events == images
    assert Reading().delta(content=parts).events == images
    assert Reading().delta(content=[{"type": "image_url", "image_url": url}]).events == images


# --- citations ---


def test_it_gives_each_citation_once_with_its_title():
    fields = {
        "citations": ["https://a.example/", "https://b.example/"],
        "search_results": [{"url": "https://b.example/", "title": "B"}, {"title": "no address"}],
        "choices": [],
    }
    reading = Reading().chunk(**fields).chunk(**fields)
    assert reading.of(Citation) == [Citation("https://a.example/"), Citation("https://b.example/", "B")]


def test_it_reads_annotations():
    annotation = {"type": "url_citation", "url_citation": {"url": "https://a.example/", "title": "A"}}
    assert Reading().delta(annotations=[annotation, annotation, None]).events == [
        Citation("https://a.example/", "A")
    ]


# --- usage, cost, ids ---


def test_it_gives_usage_when_it_is_new():
    first, last = {"prompt_tokens": 5, "completion_tokens": 1}, {"prompt_tokens": 5, "completion_tokens": 2}
    reading = Reading().chunk(choices=[], usage=first).chunk(choices=[], usage=first)
    reading.chunk(choices=[], usage=last)
    assert [event.output_tokens for event in reading.of(UsageReported)] == [1, 2]


def test_it_takes_figures_as_they_are():
    usage = {
        "input_tokens": 9,
        "output_tokens": "572",
        "total_tokens": 1532.0,
        "output_tokens_details": {"reasoning_tokens": 951},
    }
    (event,) = Reading().chunk(usage=usage).of(UsageReported)
    assert (event.input_tokens, event.output_tokens, event.reasoning_tokens) == (9, 572, 951)
    assert event.total_tokens == 1532
    assert event.raw == usage


@pytest.mark.parametrize("value", [None, True, -1, "many", [], 1e300])
def test_it_takes_no_figure_for_what_is_none(value):
    (event,) = Reading().chunk(usage={"prompt_tokens": value, "completion_tokens": 1}).of(UsageReported)
    assert event.input_tokens is None


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"credits_used": 2480, "usd_spent": 0.00124}, CostReported(2480, Decimal("0.00124"))),
        ({"credits_used": 2480}, CostReported(2480, None)),
        ({"tokens_used": 4211}, CostReported(4211, None)),
        ({"credits_used": 12.2}, CostReported(13, None)),
        ({"credits_used": 7, "usd_spent": 10_000_000}, CostReported(7, None)),
        ({"usd_spent": "0.000000001"}, CostReported(None, Decimal("0.000000001"))),
    ],
)
def test_it_reads_every_form_of_the_cost(usage, expected):
    assert Reading().chunk(meta={"usage": usage}).events == [expected]


@pytest.mark.parametrize("meta", [None, {}, {"usage": None}, {"usage": {"credits_used": None}}, [1], "x"])
def test_it_makes_up_no_cost(meta):
    assert Reading().chunk(choices=[], meta=meta).events == []


def test_it_keeps_the_first_id_though_later_ones_are_empty():
    reading = Reading().chunk(id="msg_1", model="m", choices=[]).chunk(id="", model="other", choices=[])
    assert reading.events == [Identified("", "msg_1", "m")]


def test_a_model_that_is_named_after_the_id_is_noted():
    reading = Reading().chunk(id="msg_1", choices=[]).chunk(id="msg_1", model="m", choices=[])
    assert reading.events == [Identified("", "msg_1", ""), Identified("", "msg_1", "m")]


# --- errors in the stream ---


@pytest.mark.parametrize(
    ("payload", "kind", "words"),
    [
        ({"error": {"message": "Slow down", "code": 429}}, FailureKind.RATE_LIMITED, "Slow down"),
        ({"error": {"message": "No", "type": "server_error", "code": None}}, FailureKind.SERVER, "No"),
        ({"error": "just words"}, FailureKind.IN_STREAM, "just words"),
        ({"error": {"code": 502, "message": "Gone"}, "choices": []}, FailureKind.OVERLOADED, "Gone"),
        ({"message": "Wrong", "statusCode": "500", "requestId": "r"}, FailureKind.SERVER, "Wrong"),
        ({"object": "error", "message": "vLLM", "code": 400}, FailureKind.BAD_REQUEST, "vLLM"),
        (
            {"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}},
            FailureKind.OVERLOADED,
            "Busy",
        ),
        (
            {"detail": [{"loc": ["body", "top_p"], "msg": "too big"}]},
            FailureKind.IN_STREAM,
            "body.top_p: too big",
        ),
    ],
)
def test_it_reads_every_form_of_an_error(payload, kind, words):
    failed = Reading().chunk(**payload).close().failure
    assert (failed.kind, words in failed.message) == (kind, True)


def test_it_takes_an_event_of_that_name_for_an_error_whatever_it_holds():
    failed = Reading().raw("upstream exploded", "error").close().failure
    assert "upstream exploded" in failed.message


def test_it_reports_one_failure_and_no_truncation_beside_it():
    reading = Reading().delta(content="Half").chunk(error={"message": "a"}).chunk(error={"message": "b"})
    reading.close()
    assert len(reading.of(Failed)) == 1
    assert reading.of(Truncated) == []


@pytest.mark.parametrize("nothing", [None, {}, "", False, []])
def test_it_takes_an_empty_error_for_none(nothing):
    assert Reading().chunk(choices=[], error=nothing).of(Failed) == []


# --- endings ---


def test_it_says_when_nothing_told_the_end():
    assert Reading().delta(content="No").close().events == [TextDelta("No"), Truncated()]


def test_the_last_mark_tells_the_end_without_a_reason():
    assert Reading().delta(content="No").raw("[DONE]").close().events == [TextDelta("No")]


def test_it_takes_an_answer_for_cut_while_one_of_its_choices_is():
    reading = Reading().delta(0, content="A").delta(1, content="B").delta(0, finish="stop").close()
    assert reading.of(Truncated) == [Truncated()]


def test_it_ignores_what_follows_the_end():
    reading = Reading().delta(content="a", finish="stop").raw("[DONE]").delta(content="b")
    assert reading.normaliser.is_done
    assert reading.text == "a"


def test_it_fails_an_answer_with_nothing_in_it():
    failed = Reading().raw("[DONE]").close().failure
    assert failed.kind is FailureKind.MALFORMED


def test_it_fails_an_answer_that_it_understood_nothing_of():
    failed = Reading().raw("{broken").raw("3").raw('"text"').close().failure
    assert failed.kind is FailureKind.MALFORMED


def test_it_counts_broken_payloads_and_reads_on():
    reading = Reading().delta(content="a").raw('{"choices": [{"delta": {"content": "x').delta(content="b")
    assert (reading.text, reading.normaliser.invalid_payloads) == ("ab", 1)


def test_it_shows_what_it_does_not_know():
    assert Reading().raw('{"type": "ping"}').events == [UnknownEvent("ping")]


# --- odd JSON ---


@pytest.mark.parametrize(
    "payload",
    [
        b'{"choices": [{"index": 0, "delta": {"content": "a"}, "logprobs": {"x": NaN}}]}',
        b'{"choices": [{"index": "0", "delta": {"content": "a"}}]}',
        b'{"choices": [null, 3, {"index": 0, "delta": {"content": "a", "tool_calls": "none"}}]}',
        b'{"choices": [{"delta": {"content": "a", "refusal": 7, "audio": [], "annotations": 1}}]}',
        b'{"choices": [{"delta": {"content": "a"}, "message": "x"}], "usage": 3, "meta": 4, "citations": 5}',
        b'{"choices": [{"index": 1e30, "delta": {}}, {"index": 123456789012345678901234567890, "delta": {}}, '
        b'{"delta": {"content": "a"}}]}',
        b'{"id": 7, "model": [], "choices": [{"delta": {"content": "a", "reasoning": 5}}]}',
    ],
)
def test_it_reads_what_it_can_of_a_chunk_with_surprises(payload):
    assert Reading().raw(payload).text == "a"


def test_it_replaces_bytes_that_are_not_utf_8():
    payload = b'{"choices": [{"delta": {"content": "a\xffb"}}]}'
    assert Reading().raw(payload).text == "a\N{REPLACEMENT CHARACTER}b"


def test_it_mends_a_character_that_was_cut_in_two():
    reading = Reading()
    reading.raw(rb'{"choices": [{"delta": {"content": "so \ud83d"}}]}')
    reading.raw(rb'{"choices": [{"delta": {"content": "\ude00!"}}]}')
    assert reading.text == "so \N{GRINNING FACE}!"


def test_it_lets_no_half_of_a_character_through():
    reading = Reading().raw(rb'{"choices": [{"delta": {"content": "\ude00!", "reasoning": "\ud83dx"}}]}')
    assert (reading.reasoning, reading.text) == ("\N{REPLACEMENT CHARACTER}x", "\N{REPLACEMENT CHARACTER}!")


def test_it_lets_no_null_character_through():
    reading = Reading().delta(
        content="a\0b", tool_calls=[{"id": "i\0d", "function": {"name": "f", "arguments": "\0"}}]
    )
    assert "\\u0000" not in encode_events(reading.events).decode()


def test_it_lets_no_number_through_that_json_has_not():
    (event,) = (
        Reading()
        .raw(b'{"usage": {"prompt_tokens": 1e999, "completion_tokens": 1, "x": NaN, "y": -Infinity}}')
        .of(UsageReported)
    )
    assert event.raw == {"prompt_tokens": None, "completion_tokens": 1, "x": None, "y": None}


@pytest.mark.parametrize("depth", [100, 900, 100_000])
def test_it_survives_any_depth(depth):
    deep = b"[" * depth + b"]" * depth
    reading = Reading()
    reading.raw(b'{"choices": [], "usage": {"x": ' + deep + b"}}")
    reading.raw(b'{"error": ' + deep + b"}").raw(deep).raw(b'{"choices": ' + deep + b"}")
    reading.delta(content="alive")
    assert reading.text == "alive"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
DELTA = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        [
            *("content", "reasoning", "reasoning_content", "reasoning_details", "encrypted_content"),
            *("tool_calls", "function_call", "refusal", "audio", "annotations", "extra_content"),
        ],
        JSON,
    ),
)
CHOICE = st.fixed_dictionaries(
    {}, optional={"index": JSON, "delta": DELTA | JSON, "message": DELTA | JSON, "finish_reason": JSON}
)
CHUNK = st.fixed_dictionaries(
    {},
    optional={
        "choices": st.lists(CHOICE | JSON, max_size=3) | JSON,
        **dict.fromkeys(("id", "model", "usage", "meta", "citations", "search_results", "error"), JSON),
        **dict.fromkeys(("message", "statusCode", "code", "type", "detail", "requestId"), JSON),
    },
)


@given(st.lists(CHUNK | JSON, max_size=4), st.booleans())
def test_it_never_raises_and_all_that_it_gives_can_be_stored(payloads, is_body):
    normaliser = ChatCompletionsNormaliser()
    events: list[Event] = []
    for payload in payloads:
        if is_body and isinstance(payload, dict):
            events += normaliser.feed_body(payload)
        else:
            events += normaliser.feed(ServerSentEvent(json.dumps(payload).encode()))
    events += normaliser.close()
    encoded = encode_events(events)
    assert encode_events(decode_events(encoded)) == encoded


# --- the seam ---


def test_it_says_which_endpoints_it_cannot_read():
    with pytest.raises(EndpointNotSupported) as caught:
        normaliser_for("embeddings")
    assert caught.value.kind is FailureKind.NOT_SUPPORTED


def test_it_decodes_nothing_but_events():
    with pytest.raises(msgspec.DecodeError):
        decode_events(b'[{"event": "no such event"}]')
