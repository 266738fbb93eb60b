"""Bodies for all the documents that the upstream publishes, from random transcripts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given

from playground.upstream.dialects.shared.transcript import MediaKind, Transcript
from tests.playground.operations import DETERMINED, check_any_transcript, distinct, operation
from tests.playground.transcripts import IMAGE, OPAQUE, PDF, VIDEO, WAV, assistant, system, transcripts, user
from tests.upstream_facts import FACTS, requires_upstream_facts

pytestmark = requires_upstream_facts

PATHS = {"/chat/completions": "chat/completions", "/responses": "responses", "/messages": "messages"}
CONVERSATION = (system("Be brief."), user("Hello"), assistant("Hello.", opaque=OPAQUE), user("And?"))


def _published() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield name, kind and request schema of every operation in every document."""
    for path in [*sorted((FACTS / "openapi").rglob("*.json")), FACTS / "service" / "messages.json"]:
        for address, item in json.loads(path.read_text(encoding="utf-8"))["paths"].items():
            kind = next((kind for end, kind in PATHS.items() if address.endswith(end)), None)
            if kind is not None and "post" in item:
                yield (
                    path.stem,
                    kind,
                    item["post"]["requestBody"]["content"]["application/json"]["schema"],
                )


OPERATIONS = distinct(_published()) if FACTS.is_dir() else []
# Types of the parts that hold an attachment.
PARTS: dict[str, dict[MediaKind, set[str]]] = {
    "messages": {
        MediaKind.IMAGE: {"image_url", "image"},
        MediaKind.FILE: {"file", "document"},
        MediaKind.AUDIO: {"input_audio"},
        MediaKind.VIDEO: {"video_url"},
    },
    "responses": {
        MediaKind.IMAGE: {"input_image"},
        MediaKind.FILE: {"input_file"},
        MediaKind.AUDIO: {"input_audio"},
        MediaKind.VIDEO: {"input_video"},
    },
}
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


def test_there_are_as_many_shapes_as_were_published():
    assert Counter(operation.kind for operation in OPERATIONS)["chat/completions"] >= 59
    assert Counter(operation.kind for operation in OPERATIONS)["responses"] >= 12
    assert Counter(operation.kind for operation in OPERATIONS)["messages"] >= 1


@each_operation
def test_any_transcript_gives_a_valid_body_or_a_sentence_why_not(operation):
    check_any_transcript(operation)


@each_operation
def test_words_can_always_be_sent_to_a_model_that_reads(operation):
    if operation.is_captioner:
        assert operation.refusal((user("Hello"),)) == "This model accepts audio only, and no text."
        assert operation.refusal((user(WAV),)) == ""
        return

    @DETERMINED
    @given(transcripts(is_plain=True))
    def check(transcript: Transcript) -> None:
        said = json.dumps(operation.body(transcript), ensure_ascii=False)
        for turn in transcript:
            if turn.text:
                assert json.dumps(turn.text, ensure_ascii=False)[1:-1] in said

    check()


@each_operation
@pytest.mark.parametrize("attachment", [IMAGE, PDF, WAV, VIDEO], ids=lambda attachment: attachment.kind)
def test_an_attachment_is_sent_exactly_where_the_schema_has_a_part_for_it(operation, attachment):
    parts = PARTS["responses" if operation.kind == "responses" else "messages"]
    listed = any(f'"enum": ["{name}"]' in operation.transcript_schema for name in parts[attachment.kind])
    assert (operation.refusal((user(attachment),)) == "") == listed


def test_every_document_takes_a_conversation_with_all_that_it_has_a_place_for():
    """Documents share the transcript, so that each needs a single validation."""
    documents: set[str] = set()
    for name, kind, schema in _published():
        documents.add(name)
        if not (found := operation(name, kind, schema)).is_captioner:
            assert found.body(CONVERSATION), name
    assert len(documents) >= 300
