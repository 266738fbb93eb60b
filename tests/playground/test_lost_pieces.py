"""Pieces of a stream that are framed, cut or spelled in unusual ways are read, and the others are counted."""

from __future__ import annotations

import doctest
import json

import pytest

from playground.upstream import sse_fields
from playground.upstream.dialects.chat_completions import reasoning
from playground.upstream.dialects.shared.reading import payloads
from playground.upstream.dialects.shared.reading.payloads import split_payload
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.sse import SseParser
from tests.playground.answer_streams import DONE, choice, chunk, framed, line, packed, read, read_all_ways

ONE, TWO, END = chunk("First part. "), chunk("Second part."), chunk(finish="stop")
LINES = [b"data: " + line(payload) for payload in (ONE, TWO, END)]
LAID_OUT = b"\n".join(b"data: " + part.encode() for part in json.dumps(TWO, indent=1).split("\n"))

# Streams of the same answer.
WHOLE = {
    "single newlines": b"\n".join([*LINES, b"data: [DONE]\n"]),
    "single newlines, the last one missing": b"\n".join(LINES),
    "single newlines in CRLF": b"\r\n".join([*LINES, b"data: [DONE]\r\n"]),
    "single newlines with a comment and a name between": b"\n".join(
        [LINES[0], b": ping", LINES[1], b"event: message", LINES[2]]
    ),
    "single newlines first, blank lines later": LINES[0]
    + b"\n"
    + LINES[1]
    + b"\n\n"
    + LINES[2]
    + b"\n\n"
    + DONE,
    "two objects in one data": framed(b"data: " + packed(ONE, TWO) + b"\n\n", END, DONE),
    "three objects in one data, apart by blanks": b"data: "
    + b"  ".join(map(line, (ONE, TWO, END)))
    + b"\n\n",
    "an object and the end in one data": b"data: " + packed(ONE, TWO, END) + b"[DONE]\n\n",
    "a list of objects": b"data: " + line([ONE, TWO, END]) + b"\n\n" + DONE,
    "no newline at all": b"".join([*LINES, b"data: [DONE]"]),
    "the field twice": b"data: data: " + line(ONE) + b"\n\n" + framed(TWO, END, DONE),
    "objects without a frame": b"\n".join(map(line, (ONE, TWO, END))),
    "objects without a frame, blank lines between": b"\n\n".join(map(line, (ONE, TWO, END))),
    "a list without a frame": line([ONE, TWO, END]),
    "an object on several lines of data": framed(ONE, LAID_OUT + b"\n\n", END, DONE),
    "control characters in a string": framed(
        ONE, b"data: " + line(chunk("Second\x01part.")) + b"\n\n", END
    ).replace(b"\\u0001", b" "),
    "the end without a reason": framed(ONE, TWO, DONE),
}


@pytest.mark.parametrize("module", [payloads, sse_fields, reasoning])
def test_the_examples_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_nothing_is_lost(data):
    answer = read_all_ways(data)
    assert answer.text == "First part. Second part."
    assert (answer.failure, answer.is_truncated, answer.unreadable_pieces) == (None, False, 0)


def test_single_newlines_stream_while_they_arrive():
    parser, data = SseParser(), b"\n".join([*LINES, b"data: [DONE]\n"])
    arrived = [len(parser.feed(data[place : place + 1])) for place in range(len(data))]
    assert sum(arrived) == 4
    # The first event waits for the second line to begin; each of the others for its own end.
    assert arrived.index(1) < len(LINES[0]) + len(b"\ndata:") + 1


def test_an_object_laid_out_on_lines_stays_one_event():
    inner = json.dumps({"a": {"b": {}}, "c": [{}]}, indent=0).split("\n")
    data = b"".join(b"data: " + part.encode() + b"\n" for part in inner) + b"\n"
    parser = SseParser()
    events = [event for place in range(len(data)) for event in parser.feed(data[place : place + 1])]
    assert [json.loads(event.data) for event in events] == [{"a": {"b": {}}, "c": [{}]}]


@pytest.mark.parametrize(
    ("data", "text", "count"),
    [
        (
            framed(ONE, b'data: {"id":"c1","choices":[{"delta":{"content":"lost wo\n\n', TWO, END, DONE),
            None,
            1,
        ),
        (framed(ONE, b"data: oops\n\n", b"data: [oops\n\n", TWO, END, DONE), None, 2),
        (framed(ONE, b"data: <html>\n\n", TWO, END), None, 1),
        (framed(ONE, b"<html>\n<body>\n\n", TWO, END), None, 1),
        (b"\n".join([LINES[0], LINES[1][:40], LINES[1], LINES[2]]), None, 1),
        (framed(ONE, b"data: " + line(TWO) + line(TWO)[:30] + b"\n\n", END), None, 1),
        (framed(ONE, TWO, END, b'data: "usage"\n\n', DONE), None, 1),
        (framed(chunk("First part. ", finish="stop"), b"data: {\n\n" * 300), "First part. ", 300),
    ],
)
def test_a_piece_that_cannot_be_read_is_counted(data, text, count):
    answer = read_all_ways(data)
    assert answer.text == (text or "First part. Second part.")
    assert (answer.failure, answer.unreadable_pieces) == (None, count)


@pytest.mark.parametrize(
    "blank", [b"data: null\n\n", b"data:  \n\n", b"data: {}\n\n", b": \n\n", b"data: []\n\n"]
)
def test_a_piece_without_content_is_not_missed(blank):
    assert read_all_ways(framed(ONE, blank, TWO, END)).unreadable_pieces == 0


@pytest.mark.parametrize(
    "payload",
    [
        choice(text="Hi."),
        choice(text="Hi.", delta=None),
        choice(text="Hi.", delta={}),
        choice(text="Hi.", delta={"role": "assistant", "content": ""}),
        choice(delta={"text": "Hi."}),
        choice(delta="Hi."),
        choice(delta={"content": {"type": "text", "text": "Hi."}}),
        choice(delta={"content": ["H", {"type": "output_text", "text": "i."}]}),
        choice(message="Hi."),
    ],
)
def test_text_under_other_names_is_read(payload):
    for data in (framed(payload, END, DONE), framed(payload, payload, DONE), line(payload)):
        answer = read_all_ways(data)
        assert answer.text in ("Hi.", "Hi.Hi.")
        assert answer.failure is None


def test_text_beside_the_same_delta_is_read_once():
    assert read_all_ways(framed(choice(text="Hi.", delta={"content": "Hi."}), DONE)).text == "Hi."


@pytest.mark.parametrize(
    "thought",
    [
        {"content": "Why not?"},
        {"text": "Why not?"},
        {"summary": "Why not?"},
        {"summary": [{"type": "summary_text", "text": "Why "}, {"type": "summary_text", "text": "not?"}]},
        [{"type": "summary_text", "text": "Why not?"}],
        ["Why ", "not?"],
        {"thinking": {"text": "Why not?"}},
        {
            "id": "r",
            "type": "reasoning",
            "content": [{"type": "reasoning_text", "text": "Why not?"}],
            "summary": [],
        },
    ],
)
@pytest.mark.parametrize("name", ["reasoning", "reasoning_content", "thinking"])
def test_reasoning_in_an_object_or_a_list_is_read(thought, name):
    for data in (
        framed(choice(delta={name: thought}), chunk("Yes."), END),
        line(choice(message={name: thought, "content": "Yes."}, finish_reason="stop")),
    ):
        answer = read_all_ways(data)
        assert (answer.reasoning, answer.text) == ("Why not?", "Yes.")


@pytest.mark.parametrize(
    "thought", [{}, [], {"text": None}, {"n": 1}, [[[[[[["x"]]]]]]], 3, True, [None, {}]]
)
def test_reasoning_without_text_is_none(thought):
    answer = read_all_ways(framed(choice(delta={"reasoning": thought, "content": "Yes."}), END))
    assert (answer.reasoning, answer.text) == ("", "Yes.")


# --- the end ---


def test_the_last_mark_completes_an_answer_without_a_reason():
    usage = {"prompt_tokens": 5, "completion_tokens": 2}
    answer = read_all_ways(framed(ONE, TWO, {"choices": [], "usage": usage}, DONE))
    assert (answer.is_truncated, answer.finish_reason) == (False, "")
    assert answer.usage is not None
    assert not answer.usage.is_partial


@pytest.mark.parametrize("begun", ["<thi", "<", "[TH", "<|chan", "Well.\n</thi"])
def test_what_may_become_a_tag_is_text_where_the_answer_breaks_off(begun):
    answer = read(framed(chunk(begun)), size=1)

    assert (answer.text, answer.reasoning, answer.is_truncated) == (begun, "", True)


def test_figures_in_the_middle_are_not_the_last_ones_because_of_the_mark():
    usage = {"prompt_tokens": 5, "completion_tokens": 1}
    answer = read_all_ways(framed(chunk("First", usage=usage), TWO, DONE))
    assert answer.usage is not None
    assert answer.usage.is_partial


def test_without_mark_and_reason_the_answer_may_be_incomplete():
    assert read_all_ways(framed(ONE, TWO)).is_truncated


# --- hostile input ---


@pytest.mark.parametrize(
    "data",
    [
        b"data: " + b"[1,\n" * 200_000,
        b"data: {\n" * 200_000,
        b'data: {"a": "' * 100_000,
        b"data: " + b"[" * 2_000_000 + b"\n\n",
        b"data: " + b'{"a":' * 500_000 + b"\n\n",
        b"data: " + b'{"b": 1}' * 300_000 + b"\n\n",
        b"{" * 1_000_000 + b"\n\n",
        b"data: {}\n" * 20_000,
        b"data: {\ndata: }\ndata:" * 100_000,
        b"error: {\n" * 100_000,
    ],
)
def test_nonsense_of_any_length_is_read_in_linear_time(data):
    # Reading it in quadratic time would take minutes.
    for size in (len(data), 65536):
        failure = read(data, size=size).failure
        assert failure is not None
        assert failure.kind in (FailureKind.MALFORMED, FailureKind.IN_STREAM)
        assert len(failure.detail) <= 4_000


def test_a_split_holds_no_more_than_it_was_given():
    values, unreadable = split_payload(b"\n".join([line(ONE)] * 1000))
    assert (len(values), unreadable) == (1000, [])


@pytest.mark.parametrize(
    ("block", "names"),
    [
        (b"event: a\ndata: {}\n\n", ["a"]),
        (b"event: \ndata: {}\n\n", ["message"]),
        (b"event:a\ndata:{}\n\n", ["a"]),
        (b"event: a\ndata: {}\nid: 1\n\n", ["a"]),
        (b"event: a\nerror: {}\n\n", ["error"]),
    ],
)
def test_a_named_event_has_its_name_in_either_form(block, names):
    assert [event.event for event in SseParser().feed(block)] == names


@pytest.mark.parametrize("nameless", [{}, {"id": ""}, {"id": None}])
def test_a_call_without_an_id_stays_without_one(nameless):
    block = {"type": "tool_use", "name": "w", "input": {}, **nameless}
    pieces = [{"type": "content_block_start", "index": 0, "content_block": block}]
    pieces += [
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "input_json_delta", "partial_json": part},
        }
        for part in ('{"a":', "1}")
    ]

    answer = read(framed(*pieces), endpoint="messages")

    assert [(call["id"], call["arguments"]) for call in answer.data["tool_calls"]] == [("", '{"a":1}')]
