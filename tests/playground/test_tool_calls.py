"""Tool calls, assembled from the fragments of many upstreams."""

from __future__ import annotations

from typing import Any

import pytest

from playground.upstream.dialects.shared.reading.tool_calls import ToolCalls
from playground.upstream.events import Event, ReasoningOpaque, ToolCallDelta


def call(index: int | None = None, id: str | None = None, name: str | None = None, arguments: Any = None):
    fragment: dict[str, Any] = {"function": {"name": name, "arguments": arguments}}
    return fragment | ({"index": index} if index is not None else {}) | ({"id": id} if id else {})


def read(*fragments: object) -> list[Event]:
    """Return the events of fragments that come in a chunk each."""
    calls, events = ToolCalls(), list[Event]()
    for fragment in fragments:
        calls.feed([fragment], 0, events)
    return events


def gather(*fragments: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Join the deltas of each call to its id, name and arguments."""
    calls: dict[int, list[str]] = {}
    for event in read(*fragments):
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


def test_it_takes_arguments_that_are_an_object():
    assert gather(call(0, "a", "f", {"q": 1})) == [("a", "f", '{"q":1}')]


def test_it_reads_custom_tools_and_the_old_function_call():
    custom = {"index": 0, "id": "a", "type": "custom", "custom": {"name": "f", "input": "x"}}
    assert read(custom) == [ToolCallDelta(0, "a", "f", "x", "custom")]
    calls, events = ToolCalls(), list[Event]()
    calls.feed_legacy({"name": "f", "arguments": ""}, 0, events)
    calls.feed_legacy({"arguments": "{}"}, 0, events)
    assert events == [ToolCallDelta(0, "", "f", "", "function_call"), ToolCallDelta(0, "", "", "{}")]


def test_it_keeps_the_signature_of_a_call():
    signature = {"google": {"thought_signature": "s"}}
    *_, opaque = read(call(0, "a", "f", "{}") | {"extra_content": signature})
    assert opaque == ReasoningOpaque({"type": "tool_call", "id": "a", "extra_content": signature})


@pytest.mark.parametrize("nonsense", [None, 3, "x", {}, {"function": 3}, {"index": "0", "function": {}}])
def test_it_ignores_nonsense(nonsense):
    assert read(nonsense) == []


def test_it_ignores_what_is_no_list():
    events: list[Event] = []
    ToolCalls().feed({"a": 1}, 0, events)
    assert events == []
