"""Tool calls, assembled from the fragments of many upstreams."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from playground.upstream.dialects.chat_completions.call_fragments import CallFragments
from playground.upstream.dialects.shared.reading import json_end
from playground.upstream.dialects.shared.reading.json_end import JsonEnd
from playground.upstream.dialects.shared.reading.tool_calls import ToolCalls
from playground.upstream.events import Event, ReasoningOpaque, ToolCallDelta


def call(index: int | None = None, id: str | None = None, name: str | None = None, arguments: Any = None):
    fragment: dict[str, Any] = {"function": {"name": name, "arguments": arguments}}
    return fragment | ({"index": index} if index is not None else {}) | ({"id": id} if id is not None else {})


def read(*fragments: object) -> list[Event]:
    """Return the events of fragments that come in a chunk each."""
    calls, events = CallFragments(ToolCalls()), list[Event]()
    for fragment in fragments:
        calls.feed([fragment], 0, events)
    return events


def gather(*fragments: dict[str, Any]) -> list[tuple[str, str, str]]:
    return joined(read(*fragments))


def joined(events: list[Event]) -> list[tuple[str, str, str]]:
    """Join the deltas of each call to its id, name and arguments."""
    calls: dict[int, list[str]] = {}
    for event in events:
        assert isinstance(event, ToolCallDelta)
        found = calls.setdefault(event.index, ["", "", ""])
        for position, piece in enumerate((event.id, event.name, event.arguments)):
            found[position] += piece
    return [(found[0], found[1], found[2]) for _, found in sorted(calls.items())]


def test_it_joins_fragments_of_parallel_calls():
    found = gather(
        call(0, "a", "f", "{"), call(1, "b", "g", "["), call(1, arguments="]"), call(0, arguments="}")
    )
    assert found == [("a", "f", "{}"), ("b", "g", "[]")]


def test_it_says_a_repeated_id_and_name_once():
    assert gather(call(0, "a", "f", "{"), call(0, "a", "f", "}")) == [("a", "f", "{}")]


def test_it_takes_a_new_id_without_a_name_for_the_same_call():
    assert gather(call(0, "a", "f", "{"), call(0, "z", None, "}")) == [("a", "f", "{}")]


def test_it_tells_calls_apart_that_share_an_index():
    found = gather(call(0, "a", "f", "{}"), call(0, "b", "f", "[]"))
    assert found == [("a", "f", "{}"), ("b", "f", "[]")]


def test_it_tells_calls_apart_that_have_no_index():
    found = gather(call(None, "a", "f", "{"), call(None, "a", None, "}"), call(None, "b", "g", "[]"))
    assert found == [("a", "f", "{}"), ("b", "g", "[]")]


A, B = '{"c":"A"}', '{"c":"B"}'
# Fragments, and the calls that they make: id, name and arguments of each.
APART = {
    "one index and empty ids": (
        [call(0, "", "w", A), call(0, "", "w", B)],
        [("", "w", A), ("", "w", B)],
    ),
    "one index and no ids, in pieces": (
        [
            call(0, None, "w", '{"c":'),
            call(0, None, None, '"A"}'),
            call(0, None, "w", ""),
            call(0, None, None, B),
        ],
        [("", "w", A), ("", "w", B)],
    ),
    "one index, no ids and another name before the first is complete": (
        [call(0, None, "f", ""), call(0, None, "g", B)],
        [("", "f", ""), ("", "g", B)],
    ),
    "neither index nor id": (
        [call(None, None, "w", A), call(None, None, "w", B[:4]), call(None, None, None, B[4:])],
        [("", "w", A), ("", "w", B)],
    ),
    "an id only for the first": (
        [call(0, "a", "w", A), call(0, None, "w", B)],
        [("a", "w", A), ("", "w", B)],
    ),
    "one id for all": ([call(0, "x", "w", A), call(1, "x", "w", B)], [("x", "w", A), ("x", "w", B)]),
    "one id and one index for all": (
        [call(0, "x", "w", A), call(0, "x", "w", B)],
        [("x", "w", A), ("x", "w", B)],
    ),
    "one index, ids that tell interleaved calls apart": (
        [call(0, "a", "f", "{"), call(0, "b", "g", "["), call(0, "a", None, "}"), call(0, "b", None, "]")],
        [("a", "f", "{}"), ("b", "g", "[]")],
    ),
    "the rest under another index": (
        [call(0, "a", "w", '{"a":'), call(1, None, None, "1}")],
        [("a", "w", '{"a":1}')],
    ),
    "the rest under another index, with the id": (
        [call(0, "a", "w", '{"a":'), call(1, "a", None, "1}")],
        [("a", "w", '{"a":1}')],
    ),
    "the rest under another index, with id and name": (
        [call(0, "a", "w", '{"a":'), call(1, "a", "w", "1}")],
        [("a", "w", '{"a":1}')],
    ),
    "every piece under the next index": (
        [call(0, "a", "w", "{"), call(1, "", "", '"a"'), call(2, "", "", ":1"), call(3, "", "", "}")],
        [("a", "w", '{"a":1}')],
    ),
    "an index that a stray piece had before its call began": (
        [call(0, "a", "f", "{"), call(1, None, None, "}"), call(1, "b", "g", "[]")],
        [("a", "f", "{}"), ("b", "g", "[]")],
    ),
    "a name in every piece and no id": (
        [call(0, None, "w", '{"c":'), call(0, None, "w", '"A"}'), call(0, None, "w", B)],
        [("", "w", A), ("", "w", B)],
    ),
    "a repeated id and name after the end": (
        [call(0, "a", "w", A), call(0, "a", "w", "")],
        [("a", "w", A)],
    ),
    "brackets and quotes in a string": (
        [
            call(0, None, "w", '{"c":"}\\'),
            call(0, None, "w", '"}"'),
            call(0, None, "w", "}"),
            call(0, None, "w", B),
        ],
        [("", "w", '{"c":"}\\"}"}'), ("", "w", B)],
    ),
    "arguments that are no JSON": (
        [call(0, None, "sh", "ls {a,"), call(0, None, "sh", "b} [c]"), call(0, None, "sh", " -l")],
        [("", "sh", "ls {a,b} [c] -l")],
    ),
}


@pytest.mark.parametrize(("fragments", "expected"), APART.values(), ids=APART)
def test_it_tells_calls_apart_by_whatever_they_have(fragments, expected):
    assert gather(*fragments) == expected


@pytest.mark.parametrize(
    "calls",
    [
        [call(None, None, "w", A), call(None, None, "w", B)],
        [call(0, "", "w", A), call(0, "", "w", B)],
        [call(0, "x", "w", A), call(0, "x", "w", A)],
        [call(None, None, "now", ""), call(None, None, "now", "")],
        [call(1, "a", "w", {"c": 1}), call(1, "a", "", '{"d":1}')],
    ],
)
def test_each_call_of_a_message_is_one(calls):
    events: list[Event] = []
    CallFragments(ToolCalls()).feed(calls, 0, events, are_whole=True)
    assert len(joined(events)) == len(calls)


def test_calls_of_two_choices_have_nothing_in_common():
    calls, events = CallFragments(ToolCalls()), list[Event]()
    for choice, fragment in (
        (0, call(0, "a", "f", "{")),
        (1, call(0, "a", "f", "[")),
        (0, call(0, arguments="}")),
    ):
        calls.feed([fragment], choice, events)
    assert joined(events) == [("a", "f", "{}"), ("a", "f", "[")]


def test_a_name_in_every_piece_takes_linear_time():
    pieces = [
        call(0, None, "w", '{"c":"'),
        *[call(0, None, "w", "x" * 50)] * 40_000,
        call(0, None, "w", '"}'),
    ]
    # Looking at all arguments again with each piece would take minutes.
    (found,) = gather(*pieces)
    assert len(found[2]) == 40_000 * 50 + 8


def test_the_examples_of_json_end_hold():
    assert doctest.testmod(json_end).failed == 0


@pytest.mark.parametrize("text", ['{"a": "\\"}"}', '[{"a": [1, "]"]}]', ' \n{"a": "\\\\"}', "[]"])
def test_json_ends_at_its_last_character_however_it_is_cut(text):
    for size in range(1, len(text) + 1):
        end = JsonEnd()
        states = [end.feed(text[start : start + size]).is_complete for start in range(0, len(text), size)]
        assert states == [False] * (len(states) - 1) + [True]


def test_it_takes_arguments_that_are_an_object():
    assert gather(call(0, "a", "f", {"q": 1})) == [("a", "f", '{"q":1}')]


def test_it_reads_custom_tools_and_the_old_function_call():
    custom = {"index": 0, "id": "a", "type": "custom", "custom": {"name": "f", "input": "x"}}
    assert read(custom) == [ToolCallDelta(0, "a", "f", "x", "custom")]
    calls, events = CallFragments(ToolCalls()), list[Event]()
    calls.feed_legacy({"name": "f", "arguments": ""}, 0, events)
    calls.feed_legacy({"arguments": "{}"}, 0, events)
    assert events == [ToolCallDelta(0, "", "f", "", "function_call"), ToolCallDelta(0, "", "", "{}")]


def test_it_keeps_the_signature_of_a_call():
    signature = {"google": {"thought_signature": "s"}}
    *_, opaque = read(call(0, "a", "f", "{}") | {"extra_content": signature})
    assert opaque == ReasoningOpaque({"type": "tool_call", "id": "a", "extra_content": signature})


@pytest.mark.parametrize("nonsense", [["s"], "s", 7, True, [{"google": {}}], None])
def test_a_signature_that_is_no_object_is_left_out(nonsense):
    events = read(call(0, "a", "f", "{}") | {"extra_content": nonsense})
    assert events == [ToolCallDelta(0, "a", "f", "{}")]


@pytest.mark.parametrize("nonsense", [None, 3, "x", {}, {"function": 3}, {"index": "0", "function": {}}])
def test_it_ignores_nonsense(nonsense):
    assert read(nonsense) == []


def test_it_ignores_what_is_no_list():
    events: list[Event] = []
    CallFragments(ToolCalls()).feed({"a": 1}, 0, events)
    assert events == []
