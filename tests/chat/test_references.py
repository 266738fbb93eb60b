"""Bodies that name files instead of holding them, for every model that accepts files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat import files
from chat.media import examine
from chat.models import StoredFile
from chat.references import filled, placeholder, refer, tokens_of
from playground.catalogue.bundled_models import bundled_models
from playground.parameters.form.body import build_body
from playground.parameters.schema.request_schema import digest_of, read_request_schema
from playground.upstream import dialects
from playground.upstream.dialects.shared.transcript import Attachment, MediaKind, Role, Text, Turn
from tests.media_files import MP3, PDF, picture, wav

pytestmark = pytest.mark.django_db

SAMPLES = {
    "image/png": (picture("PNG"), "cat.png"),
    "image/jpeg": (picture("JPEG"), "cat.jpg"),
    "application/pdf": (PDF, "paper.pdf"),
    "audio/wav": (wav(0.1), "voice.wav"),
    "audio/mpeg": (MP3, "song.mp3"),
}


@pytest.fixture
def stored(workspace) -> dict[str, StoredFile]:
    return {kind: files.keep(examine(*sample), workspace) for kind, sample in SAMPLES.items()}


def attachment(file: StoredFile) -> Attachment:
    return Attachment(MediaKind(file.kind), placeholder(file), file.name)


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []


def test_every_bundled_model_gets_the_bytes_of_what_it_takes(stored):
    """Check that the stored body names the file, that the sent one holds it, and that both are valid."""
    seen: set[tuple[str, str]] = set()
    for model in bundled_models():
        for kind, schema in model.schemas.items():
            digest = digest_of(schema)
            request_schema = read_request_schema(schema, digest=digest)
            accepts = dialects.accepts(request_schema.digest, request_schema.translated)
            for media_type in set(dialects.takes(kind, accepts).media_types) & set(stored):
                file = stored[media_type]
                turn = Turn(Role.USER, (attachment(file),))
                fields = dialects.write_transcript(kind, accepts, (turn,), {})
                needed = dialects.required_length(kind, accepts, {}, None)
                body = build_body(schema, model.model_id, fields, needed, digest=digest)
                references = refer(body, [file])

                assert [reference["file"] for reference in references] == [str(file.code)]
                assert not [text for text in strings(body) if file.content.hex in text]
                whole = filled(body, references, {str(file.code): file})
                url = files.data_url(file)
                assert {url, url.partition(",")[2]} & set(strings(whole))
                assert request_schema.body_validator.is_valid(whole)
                seen.add((kind, media_type))
    assert {kind for kind, _ in seen} == {"chat/completions", "responses", "messages"}
    assert {media_type for _, media_type in seen} == set(SAMPLES)


def test_nothing_is_replaced_that_is_only_like_a_file(stored):
    file = stored["image/png"]
    body = {"messages": [{"content": [f"{placeholder(file)} ", file.content.hex.upper(), str(file.code)]}]}
    before = json.dumps(body)
    assert refer(body, [file]) == []
    assert json.dumps(body) == before


def test_a_file_that_stands_in_two_places_is_read_once(stored, monkeypatch):
    file = stored["audio/wav"]
    body = {"a": placeholder(file), "b": [placeholder(file)]}
    references = refer(body, [file])
    reads: list[StoredFile] = []

    def once(file: StoredFile) -> bytes:
        reads.append(file)
        return b"xyz"

    monkeypatch.setattr(files, "read", once)
    whole = filled(body, references, {str(file.code): file})
    assert whole == {"a": "data:audio/wav;base64,eHl6", "b": ["data:audio/wav;base64,eHl6"]}
    assert len(reads) == 1


def test_what_they_may_count_is_noted(stored):
    body = {"a": placeholder(stored["image/png"]), "b": placeholder(stored["application/pdf"])}
    assert tokens_of(refer(body, stored.values())) == 1 + 2500


def test_a_text_beside_it_stays(stored):
    file = stored["image/png"]
    schema: dict[str, Any] = {"properties": {"model": {}, "messages": {"type": "array"}, "stream": {}}}
    accepts = dialects.accepts("anything", schema)
    turn = Turn(Role.USER, (attachment(file), Text(f"playground-file:{file.code}")))
    body = dialects.write_transcript("chat/completions", accepts, (turn,), {})
    [reference] = refer(body, [file])
    whole = filled(body, [reference], {str(file.code): file})
    assert f"playground-file:{file.code}" in strings(whole)
    assert files.data_url(file) in strings(whole)
