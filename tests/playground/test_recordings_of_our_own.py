"""Recordings written by hand, for traits that the others lack: ``shows`` in recordings/manifest.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chat.live.merging import merge
from playground.upstream.answer import Answer
from playground.upstream.events import decode_events, encode_events
from playground.upstream.reading import AnswerReader
from playground.upstream.recording.replaying import gather, replay

HERE = Path(__file__).parent / "recordings"
ENTRIES: list[dict[str, Any]] = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))

# A recording has nothing beyond the traits that its entry lists.
NOTHING: dict[str, Any] = {
    "content": "",
    "reasoning": "",
    "tool_calls": [],
    "citations": [],
    "finish": [],
    "error": None,
    "truncated": False,
    **dict.fromkeys(
        (
            "refusal",
            "opaque_reasoning",
            "logprobs",
            "hosted_tools",
            "images",
            "audio",
            "transcript",
            "choices",
        )
    ),
}


def name_of(entry: dict[str, Any]) -> str:
    return str(entry["file"])


def bytes_of(entry: dict[str, Any]) -> bytes:
    return (HERE / name_of(entry)).read_bytes()


def read(entry: dict[str, Any], size: int) -> Answer:
    """Read the answer in pieces of that size, with every event through the log's serialisation."""
    reader, answer, data = AnswerReader(entry["endpoint"], 200, {}), Answer(), bytes_of(entry)
    events = reader.begin()
    for start in range(0, len(data), size):
        events += reader.feed(data[start : start + size])
    events += reader.close()
    for event in decode_events(encode_events(events)):
        answer.apply(event)
    return answer


def test_the_manifest_names_every_recording():
    files = sorted(path.name for path in HERE.iterdir() if path.name != "manifest.json")
    assert sorted(map(name_of, ENTRIES)) == files


@pytest.mark.parametrize("entry", ENTRIES, ids=name_of)
def test_it_gives_exactly_what_is_expected(entry):
    found = msgspec.json.decode(msgspec.json.encode(replay(bytes_of(entry), entry["endpoint"])))
    if found["error"]:
        found["error"] = found["error"]["kind"]
    wanted = {**NOTHING, **entry["expect"]}
    assert {name: found.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("entry", ENTRIES, ids=name_of)
def test_it_gives_the_same_however_it_is_cut(entry):
    whole = read(entry, len(bytes_of(entry)))
    assert read(entry, 1) == whole
    for size in (2, 3, 7, 64, 1000):
        assert read(entry, size) == whole


@pytest.mark.parametrize("entry", ENTRIES, ids=name_of)
def test_the_log_of_a_run_tells_what_a_replay_does(entry):
    reader, data = AnswerReader(entry["endpoint"], 200, {}), bytes_of(entry)
    told = Answer()
    for events in (reader.begin(), *map(reader.feed, (data[:300], data[300:])), reader.close()):
        for event in decode_events(merge(events)):
            told.apply(event)
    replayed = gather(data, entry["endpoint"])
    assert (told.text, told.reasoning, told.data) == (replayed.text, replayed.reasoning, replayed.data)
    assert (told.usage, told.cost, told.finish_reasons) == (
        replayed.usage,
        replayed.cost,
        replayed.finish_reasons,
    )
