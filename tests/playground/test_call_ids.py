"""Tool calls whose ids come twice in a transcript."""

from __future__ import annotations

import pytest

from playground.upstream.dialects import write_transcript
from playground.upstream.dialects.responses.items import LONGEST_ID, call_id
from playground.upstream.dialects.shared.call_ids import with_distinct_calls
from playground.upstream.dialects.shared.transcript import Role, ToolCall, Transcript
from playground.upstream.dialects.shared.writing.accepts import read_accepts
from tests.playground.dialect_schemas import ANTHROPIC, CHAT, RESPONSES
from tests.playground.transcripts import assistant, result, user


def call(name: str, call_id: str) -> ToolCall:
    return ToolCall(call_id, name, "{}")


def ids_of(transcript: Transcript) -> list[str]:
    return [each.id for turn in transcript for each in turn.tool_calls]


def results_of(transcript: Transcript) -> dict[str, str]:
    return {turn.call_id: turn.text for turn in transcript if turn.role is Role.TOOL}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("a", "b"), ("c",), ["a", "b", "c"]),
        (("a", "b"), ("a",), ["a", "b", "a_2"]),
        (("a", "a"), ("a", "a"), ["a", "a_2", "a_3", "a_4"]),
        (("a", "a"), ("a_2",), ["a", "a_2", "a_2_2"]),
        (("", ""), ("",), ["call", "call_2", "call_3"]),
    ],
)
def test_every_call_has_an_id_of_its_own_and_its_result_follows(first, second, expected):
    names = iter("pqrstu")
    transcript: Transcript = ()
    for group in (first, second):
        calls = [call(next(names), each) for each in group]
        answers = [result(each.id, f"of {each.name}") for each in calls]
        transcript += (user("?"), assistant("", *calls), *answers)
    found = with_distinct_calls(transcript)
    assert ids_of(found) == expected
    named = [each for turn in found for each in turn.tool_calls]
    assert results_of(found) == {each.id: f"of {each.name}" for each in named}


def test_ids_that_become_equal_when_cleaned_stay_apart():
    transcript = (
        user("?"),
        assistant("", call("p", "a|1"), call("q", "a:1")),
        result("a|1", "P"),
        result("a:1", "Q"),
    )
    found = with_distinct_calls(transcript, lambda found: found.replace("|", "_").replace(":", "_"))
    assert results_of(found) == {"a_1": "P", "a_1_2": "Q"}


def test_googles_signature_follows_its_call():
    signed = {"type": "tool_call", "id": "a", "extra_content": {"google": {"thought_signature": "x"}}}
    turns = [user("?"), assistant("", call("p", "a"), opaque=(signed,)), result("a", "P")]
    found = with_distinct_calls((*turns, *turns))
    assert [turn.opaque[0]["id"] for turn in found if turn.opaque] == ["a", "a_2"]


@pytest.mark.parametrize(
    ("kind", "schema", "place"),
    [
        ("chat/completions", CHAT, "messages"),
        ("responses", RESPONSES, "input"),
        ("messages", ANTHROPIC, "messages"),
    ],
)
def test_no_result_of_two_calls_with_one_id_is_lost(kind, schema, place):
    calls = call("p", "a"), call("q", "a")
    turns = user("?"), assistant("", *calls), result("a", "Rain"), result("a", "Snow")
    said = str(write_transcript(kind, read_accepts(schema), turns, {})[place])
    assert all(said.count(word) == 1 for word in ("Rain", "Snow"))
    assert said.count("'a_2'") == 2


def test_an_id_that_openai_refuses_is_replaced():
    assert call_id("a" * LONGEST_ID) == "a" * LONGEST_ID
    assert len(call_id("a" * 500)) == LONGEST_ID
    assert call_id("a" * 500) != call_id("a" * 501)
