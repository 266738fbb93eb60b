"""Recordings that the provider fetches: written only where the schema has a place for their address."""

from __future__ import annotations

from typing import Any

import pytest

from playground.upstream.dialects import TranscriptRefused, within, write_transcript
from playground.upstream.dialects.shared.transcript import Attachment, MediaKind, Text
from playground.upstream.dialects.shared.writing.accepts import read_accepts
from tests.playground.dialect_schemas import CHAT, STRING, an_object, array, chat, constant, message
from tests.playground.transcripts import user

A_URL = {"anyOf": [{"type": "string", "format": "uri"}, STRING]}
FORMATS = {"enum": ["wav", "mp3", "audio/x-aac", "audio/flac"]}


def body(holder: str, properties: dict[str, Any], recording: Attachment) -> dict[str, Any]:
    part = an_object(type=constant(holder), **{holder: an_object(**properties)})
    schema = chat(message("user", array(part)))
    return write_transcript("chat/completions", read_accepts(schema), (user(recording),), {})


def recording_at(end: str) -> Attachment:
    return Attachment(MediaKind.AUDIO, f"https://example.org/{end}", end)


@pytest.mark.parametrize(
    ("holder", "properties", "end", "said"),
    [
        ("input_audio", {"data": STRING}, "a", {"data": "https://example.org/a"}),
        ("input_audio", {"data": A_URL, "format": FORMATS}, "a.MP3?v=1", {"format": "mp3"}),
        ("input_audio", {"data": A_URL, "format": FORMATS}, "a.flac", {"format": "audio/flac"}),
        ("input_audio", {"data": A_URL, "format": FORMATS}, "a.aac", {"format": "audio/x-aac"}),
        ("audio_url", {"url": STRING}, "a", {"url": "https://example.org/a"}),
    ],
)
def test_it_is_sent_as_the_schema_has_it(holder, properties, end, said):
    recording = recording_at(end)
    [part] = body(holder, properties, recording)["messages"][0]["content"]
    assert recording.url in part[holder].values()
    assert part == {"type": holder, holder: {**part[holder], **said}}


@pytest.mark.parametrize(
    ("data", "end", "why"),
    [
        (A_URL, "a", "This model needs the format of the audio"),
        (A_URL, "a.exe", "This model needs the format of the audio"),
        (STRING, "a.mp3", "This model does not fetch audio from an address"),
    ],
)
def test_it_is_refused_in_words(data, end, why):
    with pytest.raises(TranscriptRefused, match=why):
        body("input_audio", {"data": data, "format": FORMATS}, recording_at(end))


def test_an_earlier_one_that_the_model_does_not_fetch_becomes_a_line():
    turns = (user(recording_at("a.mp3")), user("And now?"))
    [first, _] = within("chat/completions", read_accepts(CHAT), turns)
    assert first.parts == (Text("[a.mp3 was attached here.]"),)
