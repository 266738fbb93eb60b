"""The system prompt in the requests of all bundled models."""

from __future__ import annotations

import json

import pytest

from playground.catalogue.bundled_models import bundled_models
from playground.parameters.form.body import build_body
from playground.parameters.schema.request_schema import read_request_schema
from playground.upstream.dialects import (
    SystemPlace,
    TranscriptRefused,
    accepts,
    required_length,
    system_place,
    write_transcript,
)
from tests.playground.transcripts import WAV, assistant, system, user

ENDPOINTS = [(model, kind) for model in bundled_models() for kind in model.schemas]
# Their documents have neither a role nor a field for it.
WITHOUT_PLACE = {
    "google/gemma-3n-e4b-it",
    "google/gemma-3-12b-it",
    "google/gemma-3-4b-it",
}
# This model takes sound and no text.
CAPTIONER = "qwen3-omni-30b-a3b-captioner"


def body_of(model, kind, transcript):
    schema = read_request_schema(model.schemas[kind])
    accepted = accepts(schema.digest, schema.translated)
    fields = write_transcript(kind, accepted, transcript, {})
    length = required_length(kind, accepted, {}, None)
    # This raises BodyInvalid if the schema refuses it.
    return build_body(model.schemas[kind], model.model_id, fields, length, digest=schema.digest)


@pytest.mark.parametrize(
    ("model", "kind"), ENDPOINTS, ids=[f"{model.model_id}-{kind}" for model, kind in ENDPOINTS]
)
def test_it_reaches_a_valid_body_in_its_place(model, kind):
    schema = read_request_schema(model.schemas[kind])
    place = system_place(kind, schema.digest, schema.translated)
    if model.model_id == CAPTIONER:
        assert place is SystemPlace.NONE
        with pytest.raises(TranscriptRefused, match="audio only, and no text"):
            body_of(model, kind, (system("Be brief."), user(WAV)))
        return
    has_place = place is SystemPlace.OWN
    assert has_place == (model.model_id not in WITHOUT_PLACE)
    prompt = (user("Hi"), assistant("Hello."), user("Go on"))

    body = body_of(model, kind, (system("Be brief."), *prompt))

    messages = body.get("messages") or body["input"]
    first = messages[0]
    if not has_place:
        assert (first["role"], json.dumps(first).count("Be brief.")) == ("user", 1)
    elif field := next((body[name] for name in ("system", "instructions") if name in body), None):
        assert field == "Be brief."
        assert "Be brief." not in json.dumps(messages)
    else:
        assert first["role"] in ("system", "developer")
        assert "Be brief." in json.dumps(first["content"])
        assert "Be brief." not in json.dumps(messages[1:])
