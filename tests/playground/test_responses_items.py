"""Streams of ``/v1/responses`` whose servers name their output items in ways of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playground.upstream.answer import Answer
from playground.upstream.dialects.registry import normaliser_for
from playground.upstream.dialects.responses.item_keys import MAX_NAMES, ItemKeys
from playground.upstream.dialects.shared.reading.limits import MAX_ITEMS
from tests.playground.answer_reading import AnswerReading

Frame = tuple[str, dict[str, Any]]


def added(item: dict[str, Any], **more: Any) -> Frame:
    return "output_item.added", {"item": item, **more}


def done(item: dict[str, Any], **more: Any) -> Frame:
    return "output_item.done", {"item": item, **more}


def text(delta: str, **more: Any) -> Frame:
    return "output_text.delta", {"delta": delta, **more}


def whole(words: str, **more: Any) -> Frame:
    return "output_text.done", {"text": words, **more}


def thought(delta: str, **more: Any) -> Frame:
    return "reasoning_text.delta", {"delta": delta, **more}


def arguments(delta: str, **more: Any) -> Frame:
    return "function_call_arguments.delta", {"delta": delta, **more}


def message(words: str = "", item_id: str | None = None, **more: Any) -> dict[str, Any]:
    named = {"id": item_id} if item_id else {}
    content = [{"type": "output_text", "text": words, "annotations": []}] if words else []
    return {**named, "type": "message", "role": "assistant", "content": content, **more}


def reasoning(words: str = "", item_id: str | None = None) -> dict[str, Any]:
    named = {"id": item_id} if item_id else {}
    content = [{"type": "reasoning_text", "text": words}] if words else []
    return {**named, "type": "reasoning", "summary": [], "content": content, "encrypted_content": ""}


def call(number: int, given: str = "", **more: Any) -> dict[str, Any]:
    named = {"call_id": f"call_{number}", "name": f"tool_{number}", "arguments": given}
    return {"type": "function_call", **named, **more}


def completed(*output: dict[str, Any], **more: Any) -> Frame:
    return "completed", {"response": {"status": "completed", "output": list(output), **more}}


def said(*frames: Frame) -> tuple[str, str, list[tuple[str, str, str]]]:
    """Return the text, the reasoning, and the calls of a stream."""
    reading = AnswerReading("responses")
    for kind, fields in frames:
        reading.raw(json.dumps({"type": f"response.{kind}", **fields}))
    return parts_of(reading.close().answer)


def parts_of(answer: Answer) -> tuple[str, str, list[tuple[str, str, str]]]:
    calls = answer.data.get("tool_calls", [])
    return answer.text, answer.reasoning, [(each["id"], each["name"], each["arguments"]) for each in calls]


HELLO = message("Hello there", "msg_1")
TEXTS: dict[str, list[Frame]] = {
    "no place": [
        *(added(message(item_id="msg_1")), text("Hello ", item_id="msg_1"), text("there", item_id="msg_1")),
        *(whole("Hello there", item_id="msg_1"), done(HELLO), completed(HELLO)),
    ],
    "another id in every event": [
        *(added(message(item_id="a")), text("Hello ", item_id="b"), text("there", item_id="c")),
        *(whole("Hello there", item_id="d"), done(message("Hello there", "e")), completed(HELLO)),
    ],
    "another id with every delta, and no announcement": [
        *(text("Hel", item_id="a"), text("lo ", item_id="b"), text("there", item_id="c")),
        *(whole("Hello there", item_id="d"), done(message("Hello there", "e")), completed(HELLO)),
    ],
    "no id": [
        *(added(message()), text("Hello "), text("there"), whole("Hello there")),
        *(done(message("Hello there")), completed(message("Hello there"))),
    ],
    "deltas before the announcement": [
        *(text("Hello ", item_id="msg_1"), added(message(item_id="msg_1")), text("there", item_id="msg_1")),
        *(done(HELLO), completed(HELLO)),
    ],
    "deltas before an announcement under another id": [
        *(text("Hello ", item_id="x"), added(message(item_id="msg_1")), text("there", item_id="msg_1")),
        *(done(HELLO), completed(HELLO)),
    ],
    "the end of a part under another id": [
        *(text("Hello ", item_id="a"), text("there", item_id="a"), whole("Hello there", item_id="b")),
        completed(HELLO),
    ],
    "a place in some events": [
        *(added(message(item_id="msg_1"), output_index=0), text("Hello ", item_id="msg_1")),
        *(text("there", item_id="msg_1", output_index=0), whole("Hello there", item_id="msg_1")),
        *(done(HELLO, output_index=0), completed(HELLO)),
    ],
    "a content index in some events": [
        *(text("Hello ", item_id="msg_1", content_index=0), text("there", item_id="msg_1")),
        *(whole("Hello there", item_id="msg_1", content_index=0), done(HELLO), completed(HELLO)),
    ],
    "a place that is no number": [
        *(added(message(item_id="msg_1"), output_index="0"), text("Hello there", item_id="msg_1")),
        *(done(HELLO, output_index=None), completed(HELLO)),
    ],
    "whole items only": [done(HELLO), completed(HELLO)],
    "an empty end of a message that never began": [
        *(text("Hello there", item_id="msg_1"), whole("", item_id="chatcmpl-1"), completed(HELLO)),
    ],
    "only the last event": [completed(HELLO)],
    "the text beside no output": [completed(output=None, output_text="Hello there")],
    "the text beside an empty output": [completed(output_text="Hello there")],
    "the text beside the streamed one": [
        *(text("Hello there"), completed(output=None, output_text="Hello there")),
    ],
    "an output that is the text": [completed(output="Hello there")],
    "a content that is the text": [completed(message(content="Hello there"))],
    "an item without a type": [completed({"role": "assistant", "content": HELLO["content"]})],
}


@pytest.mark.parametrize("frames", TEXTS.values(), ids=TEXTS)
def test_a_text_comes_once(frames):
    assert said(*frames) == ("Hello there", "", [])


FIRST, SECOND = message("One.", "msg_1"), message("Two.", "msg_2")
MESSAGES: dict[str, list[Frame]] = {
    "by id": [
        *(added(message(item_id="msg_1")), text("One.", item_id="msg_1"), done(FIRST)),
        *(added(message(item_id="msg_2")), text("Two.", item_id="msg_2"), done(SECOND)),
    ],
    "without ids": [
        *(added(message()), text("One."), done(message("One."))),
        *(added(message()), text("Two."), done(message("Two."))),
    ],
    "under one id": [
        *(added(message(item_id="r")), text("One.", item_id="r"), done(message("One.", "r"))),
        *(added(message(item_id="r")), text("Two.", item_id="r"), done(message("Two.", "r"))),
    ],
    "under one id, at two places": [
        *(text("One.", item_id="r", output_index=0), done(message("One.", "r"), output_index=0)),
        *(text("Two.", item_id="r", output_index=1), done(message("Two.", "r"), output_index=1)),
    ],
    "by ids that nothing announced": [
        *(text("On", item_id="msg_1"), text("e.", item_id="msg_1"), text("Two", item_id="msg_2")),
        *(text(".", item_id="msg_2"), done(FIRST), done(SECOND)),
    ],
    "as whole items": [done(FIRST), done(SECOND)],
    "the second as a whole item": [text("One.", item_id="msg_1"), done(FIRST), done(SECOND)],
    "in the last event": [],
}


@pytest.mark.parametrize("frames", MESSAGES.values(), ids=MESSAGES)
def test_two_messages_stay_two(frames):
    assert said(*frames, completed(FIRST, SECOND)) == ("One.\n\nTwo.", "", [])


THOUGHT = reasoning("Weigh it.", "rs_1")
THOUGHTS: dict[str, list[Frame]] = {
    "no place": [
        *(
            added(reasoning(item_id="rs_1")),
            thought("Weigh ", item_id="rs_1"),
            thought("it.", item_id="rs_1"),
        ),
        done(THOUGHT),
    ],
    # https://github.com/BerriAI/litellm/pull/36375
    "another id with every delta": [
        *(
            thought("Weigh ", item_id="rs_a"),
            thought("it.", item_id="rs_b"),
            done(reasoning("Weigh it.", "c")),
        ),
    ],
    "no id": [added(reasoning()), thought("Weigh "), thought("it."), done(reasoning("Weigh it."))],
    "as a summary": [
        *(added({"type": "reasoning", "id": "rs_1", "summary": []}),),
        ("reasoning_summary_text.delta", {"delta": "Weigh it.", "item_id": "rs_1"}),
        done({"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Weigh it."}]}),
    ],
    "as a summary that is a text": [done({"type": "reasoning", "id": "rs_1", "summary": "Weigh it."})],
    "in the last event": [],
}


@pytest.mark.parametrize("frames", THOUGHTS.values(), ids=THOUGHTS)
def test_reasoning_comes_once_beside_a_text(frames):
    words = [added(message(item_id="msg_1")), text("Hello there", item_id="msg_1"), done(HELLO)]
    assert said(*frames, *words, completed(THOUGHT, HELLO)) == ("Hello there", "Weigh it.", [])


CALLS: dict[str, list[Frame]] = {
    # llama.cpp: tools/server/server-task.cpp, to_json_oaicompat_resp
    "by the id of the call": [
        *(added(call(1)), arguments('{"a"', item_id="call_1"), arguments(": 1}", item_id="call_1")),
        *(added(call(2)), arguments('{"b": 2}', item_id="call_2")),
        *(done(call(1, '{"a": 1}')), done(call(2, '{"b": 2}'))),
    ],
    "by the id of the item": [
        *(added(call(1, id="fc_1")), added(call(2, id="fc_2"))),
        *(arguments('{"b": 2}', item_id="fc_2"), arguments('{"a": 1}', item_id="fc_1")),
        *(done(call(1, '{"a": 1}', id="fc_1")), done(call(2, '{"b": 2}', id="fc_2"))),
    ],
    "by unknown ids, side by side": [
        *(added(call(1, id="fc_1")), added(call(2, id="fc_2"))),
        *(arguments('{"a": ', item_id="x"), arguments('{"b": ', item_id="y")),
        *(arguments("1}", item_id="x"), arguments("2}", item_id="y")),
    ],
    "without ids, one after the other": [
        *(added(call(1)), arguments('{"a": 1}'), done(call(1, '{"a": 1}'))),
        *(added(call(2)), arguments('{"b": 2}'), done(call(2, '{"b": 2}'))),
    ],
    "all at one place": [
        *(added(call(1, id="fc_1"), output_index=0), arguments('{"a": 1}', item_id="fc_1", output_index=0)),
        *(added(call(2, id="fc_2"), output_index=0), arguments('{"b": 2}', item_id="fc_2", output_index=0)),
        *(done(call(1, '{"a": 1}', id="fc_1"), output_index=0),),
        *(done(call(2, '{"b": 2}', id="fc_2"), output_index=0),),
    ],
    "a place in some events": [
        *(added(call(1, id="fc_1"), output_index=1), arguments('{"a": 1}', item_id="fc_1")),
        *(added(call(2, id="fc_2"), output_index=2), arguments('{"b": 2}', item_id="fc_2")),
        *(done(call(1, '{"a": 1}', id="fc_1"), output_index=1), done(call(2, '{"b": 2}', id="fc_2"))),
    ],
    "arguments before the call": [
        *(arguments('{"a": 1}', item_id="fc_1"), done(call(1, '{"a": 1}', id="fc_1"))),
        *(arguments('{"b": 2}', item_id="fc_2"), done(call(2, '{"b": 2}', id="fc_2"))),
    ],
    "arguments before the call, which only the last event names": [
        *(arguments('{"a": ', item_id="x"), arguments("1}", item_id="x")),
        *(arguments('{"b": ', item_id="y"), arguments("2}", item_id="y")),
    ],
    "arguments as a whole only": [
        added(call(1, id="fc_1")),
        ("function_call_arguments.done", {"item_id": "fc_1", "arguments": '{"a": 1}'}),
        added(call(2, id="fc_2")),
        ("function_call_arguments.done", {"item_id": "fc_2", "arguments": {"b": 2}}),
    ],
    "arguments in the last event only": [added(call(1, id="fc_1")), added(call(2, id="fc_2"))],
    "as whole items": [done(call(1, '{"a": 1}')), done(call(2, '{"b": 2}'))],
    "the second in the last event only": [done(call(1, '{"a": 1}'))],
    "in the last event only": [],
    "the id of the call only at the end": [
        *(added({"type": "function_call", "id": "fc_1", "name": "tool_1"}), arguments('{"a": 1}')),
        *(done(call(1, '{"a": 1}', id="fc_1")), done(call(2, '{"b": 2}', id="fc_2"))),
    ],
}


@pytest.mark.parametrize("frames", CALLS.values(), ids=CALLS)
def test_two_calls_stay_two(frames):
    words, thoughts, calls = said(*frames, completed(call(1, '{"a": 1}'), call(2, '{"b": 2}')))
    assert (words, thoughts) == ("", "")
    assert [(call_id, name, json.loads(given)) for call_id, name, given in calls] == [
        ("call_1", "tool_1", {"a": 1}),
        ("call_2", "tool_2", {"b": 2}),
    ]


def test_calls_that_the_last_event_names_anew_are_the_same():
    renamed = [{**call(number, "{}"), "call_id": f"other_{number}"} for number in (1, 2)]
    _, _, calls = said(done(call(1, "{}")), done(call(2, "{}")), completed(*renamed))
    assert [call_id for call_id, _, _ in calls] == ["call_1", "call_2"]


@pytest.mark.parametrize("words", ["", "Hello there"])
@pytest.mark.parametrize("output", [None, [], "absent"])
def test_a_whole_body_may_hold_the_text_alone(output, words):
    normaliser = normaliser_for("responses")
    body = {"id": "resp_1", "status": "completed", "output_text": words}
    answer = Answer()
    for event in normaliser.feed_body(body if output == "absent" else {**body, "output": output}):
        answer.apply(event)
    assert parts_of(answer) == (words, "", [])
    assert (answer.finish_reason, answer.failure) == ("completed", None)


def test_a_whole_body_is_read_once():
    """Ids and places are missing, and the text stands there twice."""
    normaliser, answer = normaliser_for("responses"), Answer()
    output = [reasoning("Weigh it."), message("One."), call(1, "{}"), call(2, "{}"), message("Two.")]
    for event in normaliser.feed_body({"output": output, "output_text": "One.Two.", "error": None}):
        answer.apply(event)
    assert parts_of(answer) == (
        "One.\n\nTwo.",
        "Weigh it.",
        [("call_1", "tool_1", "{}"), ("call_2", "tool_2", "{}")],
    )


def test_the_keys_of_a_hostile_stream_are_few():
    keys = ItemKeys()
    found = {keys.begin("call", 0, f"fc_{number}", call_id=f"c_{number}") for number in range(MAX_NAMES)}
    found |= {keys.part("call", None, f"x_{number}") for number in range(MAX_NAMES)}
    found |= {keys.finish("message", None, f"m_{number}") for number in range(MAX_NAMES)}
    assert len(found) <= MAX_ITEMS + 1
