"""Every recorded answer is read as its manifest expects, in pieces of any size."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from playground.upstream.answer import Answer
from playground.upstream.dialects.registry import normaliser_for
from playground.upstream.events import CostReported, Event, Failed, decode_events, encode_events
from playground.upstream.reading import AnswerReader
from playground.upstream.recording.replaying import replay
from playground.upstream.sse import SseParser
from tests.upstream_facts import recording_bytes, recordings, requires_upstream_facts

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = requires_upstream_facts

STREAMS = [entry for entry in recordings("") if entry["file"].endswith(".sse")]
BODIES = [entry for entry in recordings("") if entry["file"].endswith(".json")]


@dataclass
class Gathered:
    """The outcome of reading one recording."""

    events: list[Event] = field(default_factory=list)
    answer: Answer = field(default_factory=Answer)
    is_done: bool = False
    invalid_payloads: int = 0

    def add(self, events: Iterable[Event]) -> None:
        # The log serialises events in the same way.
        for event in decode_events(encode_events(list(events))):
            self.events.append(event)
            self.answer.apply(event)

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def endpoint_of(entry: dict[str, Any]) -> str:
    return str(entry["endpoint"]).removeprefix("/v1/")


def read(entry: dict[str, Any], cuts: Iterable[int] = ()) -> Gathered:
    data = recording_bytes(entry)
    parser, normaliser = SseParser(), normaliser_for(endpoint_of(entry))
    gathered = Gathered()
    for start, end in pairwise([0, *cuts, len(data)]):
        for event in parser.feed(data[start:end]):
            gathered.add(normaliser.feed(event))
    for event in parser.close():
        gathered.add(normaliser.feed(event))
    gathered.add(normaliser.close())
    gathered.is_done = normaliser.is_done
    gathered.invalid_payloads = normaliser.invalid_payloads
    return gathered


def summary(found: Gathered) -> dict[str, Any]:
    """Return the gathered answer under the names of the manifest."""
    answer = found.answer
    other = answer.others.get(1)
    return {
        "content": answer.text,
        "content_1": other.text if other else "",
        "reasoning": answer.reasoning,
        "refusal": answer.first.refusal,
        "transcript": "".join(answer.transcript_parts),
        "finish": answer.finish_reasons,
        "stop_reason": answer.finish_reason,
        "terminal": terminal(answer),
        "tool_calls": [
            {name: call[name] for name in ("id", "name", "arguments")}
            for call in answer.data.get("tool_calls", ())
        ],
        "usage": answer.usage is not None,
        "meta": answer.cost is not None,
        "citations": len(answer.citations),
        "annotations": len(answer.citations),
        "error": answer.failure is not None,
        "truncated": answer.is_truncated,
        "done": found.is_done,
        "invalid_payloads": found.invalid_payloads,
    }


def terminal(answer: Answer) -> str:
    """Return the last event of ``/v1/responses``, as far as the answer shows it."""
    if answer.failure:
        was_event = '"type":"error"' in answer.failure.detail
        return "error" if was_event else "response.failed"
    return f"response.{answer.finish_reason}"


# Expectations of this project where the manifest has none.
DEFAULTS = {"truncated": False, "invalid_payloads": 0}


def expected(entry: dict[str, Any]) -> dict[str, Any]:
    wanted = {**DEFAULTS, **entry["expect"]}
    # The text before tags are read, which test_think covers.
    wanted.pop("content_raw", None)
    return wanted


def check(entry: dict[str, Any], found: Gathered) -> None:
    wanted = expected(entry)
    seen = summary(found)
    assert {name: seen[name] for name in wanted} == wanted


def name_of(entry: dict[str, Any]) -> str:
    return str(entry["file"])


def test_it_knows_the_recordings():
    assert len(STREAMS) >= 59
    assert len(BODIES) == 3
    assert {endpoint_of(entry) for entry in STREAMS} == {"chat/completions", "responses", "messages"}


@pytest.mark.parametrize("entry", STREAMS, ids=name_of)
class TestStreams:
    def test_it_reads_them_whole(self, entry):
        check(entry, read(entry))

    def test_it_reads_them_byte_by_byte(self, entry):
        check(entry, read(entry, range(1, len(recording_bytes(entry)))))

    def test_it_reads_them_cut_in_two_anywhere(self, entry):
        whole = read(entry)
        for cut in range(1, len(recording_bytes(entry))):
            found = read(entry, [cut])
            assert found.answer == whole.answer, f"cut at {cut}"
            assert (found.is_done, found.invalid_payloads) == (whole.is_done, whole.invalid_payloads)

    def test_it_reads_them_cut_where_the_manifest_says(self, entry):
        check(entry, read(entry, entry["replay_split_offsets"]))

    def test_it_gives_each_event_on_its_own_the_same(self, entry):
        assert read(entry, range(1, len(recording_bytes(entry)))).events == read(entry).events


@pytest.mark.parametrize("entry", BODIES, ids=name_of)
def test_it_reads_answers_that_are_no_streams(entry):
    reader = AnswerReader(endpoint_of(entry), entry["http_status"], {"content-type": entry["content_type"]})
    found = Gathered()
    found.add(reader.begin())
    data = recording_bytes(entry)
    for index in range(len(data)):
        found.add(reader.feed(data[index : index + 1]))
    found.add(reader.close())
    check(entry, found)


@pytest.mark.parametrize("entry", [*STREAMS, *BODIES], ids=name_of)
def test_it_replays_them(entry):
    found = replay(recording_bytes(entry), endpoint_of(entry), entry["http_status"])
    for name, value in expected(entry).items():
        if name in ("content", "reasoning", "tool_calls", "finish", "truncated"):
            assert found[name] == value
        elif name in ("usage", "error"):
            assert (found[name] is not None) is value
        elif name == "meta":
            assert (found["cost"] is not None) is value
        elif name in ("citations", "annotations"):
            assert len(found["citations"]) == value


def test_it_finds_reasoning_whose_opening_tag_was_in_the_prompt():
    (entry,) = recordings("chat_think_implicit_open")
    answer = read(entry).answer
    assert (answer.reasoning, answer.text) == ("Check the map.", "Turn left.")


def test_it_says_what_an_error_body_says():
    (entry,) = recordings("error_400_validation")
    reader = AnswerReader("chat/completions", 400, {})
    reader.feed(recording_bytes(entry))
    (failed,) = reader.close()
    assert isinstance(failed, Failed)
    assert "Expected 'a' | 'b', received 'c'" in failed.message
    assert failed.request_id == json.loads(recording_bytes(entry))["requestId"]


def test_it_counts_credits_as_reported():
    (entry,) = recordings("chat_meta_only_last_chunk")
    (cost,) = read(entry).of(CostReported)
    assert (cost.credits, str(cost.usd)) == (2480, "0.00124")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("messages_thinking_signature", {"type": "thinking", "thinking": "Weigh it.", "signature": "c2ln"}),
        (
            "responses_reasoning_summary",
            {
                "type": "reasoning",
                "id": "rs_rec",
                "summary": [{"type": "summary_text", "text": "Compare both routes."}],
                "encrypted_content": "b3BhcXVl",
            },
        ),
    ],
)
def test_it_keeps_what_has_to_go_back(name, kept):
    (entry,) = recordings(name)
    assert read(entry).answer.data["opaque_reasoning"] == [kept]
