from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from chat.flows.end_relay import text_only
from chat.live.merging import merge
from chat.live.run import LiveRun
from playground.upstream.answer import Answer
from playground.upstream.events import (
    Event,
    Finished,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    decode_events,
)

EVENTS = st.one_of(
    st.builds(TextDelta, st.text(max_size=8), st.integers(0, 2)),
    st.builds(ReasoningDelta, st.text(max_size=8), st.integers(0, 2)),
    st.builds(Finished, st.sampled_from(["stop", "length"]), st.integers(0, 2)),
)


def answer_of(events: list[Event]) -> Answer:
    answer = Answer()
    for event in events:
        answer.apply(event)
    return answer


@given(st.lists(EVENTS, max_size=30))
def test_the_log_tells_the_same_answer_as_the_events(events):
    told, kept = answer_of(events), answer_of(decode_events(merge(events)))
    assert (kept.text, kept.reasoning, kept.finish_reasons) == (
        told.text,
        told.reasoning,
        told.finish_reasons,
    )
    assert kept.data == told.data


def test_neighbouring_text_becomes_one_piece():
    assert decode_events(merge([TextDelta("a"), TextDelta("b"), ReasoningDelta("c")])) == [
        TextDelta("ab"),
        ReasoningDelta("c"),
    ]


def test_fragments_of_a_tool_call_add_up():
    answer = answer_of(
        [
            ToolCallDelta(index=0, id="call_1", name="find", arguments='{"q":'),
            ToolCallDelta(index=0, id="call_1", name="find", arguments='"x"}'),
        ]
    )
    assert answer.data["tool_calls"] == [{"id": "call_1", "name": "find", "arguments": '{"q":"x"}'}]


def test_a_stretch_stays_as_it_is_until_it_is_stored():
    live = LiveRun(1, uuid.uuid4(), uuid.uuid4())
    assert live.stretch() is None
    live.apply([TextDelta("a")])
    first = live.stretch()
    live.apply([TextDelta("b")])

    assert first == (1, merge([TextDelta("a")]))
    assert live.stretch() == first
    live.note_stored(1)
    second = live.stretch()
    assert second == (2, merge([TextDelta("b")]))
    # Heard again, of the one before.
    live.note_stored(1)
    assert live.stretch() == second


def test_the_text_only_an_answer_can_always_be_stored():
    answer = answer_of([ReasoningDelta("Hm\0"), TextDelta("half \ud800"), ToolCallDelta(0, "call_1", "find")])
    words = text_only(answer)
    assert (words.reasoning, words.text, words.data) == ("Hm\ufffd", "half \ufffd", {})
    assert text_only(Answer()).is_empty
