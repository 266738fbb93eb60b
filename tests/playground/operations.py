"""Operations (a request schema with a model and an endpoint) and transcripts to write for them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings

from playground.parameters.form.body import build_body
from playground.parameters.schema.request_schema import RequestSchema, read_request_schema
from playground.upstream.dialects import TranscriptRefused, accepts, required_length, write_transcript
from playground.upstream.dialects.shared.transcript import Transcript
from tests.playground.transcripts import transcripts

# This model takes sound and no text, and answers one message at a time.
CAPTIONER = "qwen3-omni-30b-a3b-captioner"
# Each run of the tests tries the same transcripts.
DETERMINED = settings(derandomize=True, deadline=None, database=None, max_examples=12)


@dataclass(frozen=True)
class Operation:
    name: str
    kind: str
    schema: dict[str, Any]
    model_id: str
    request_schema: RequestSchema

    @property
    def is_captioner(self) -> bool:
        return self.model_id.endswith(CAPTIONER)

    @property
    def transcript_schema(self) -> str:
        root = (
            self.request_schema.translated.get("properties")
            or self.request_schema.translated["anyOf"][0]["properties"]
        )
        if "input" not in root:
            return json.dumps(root["messages"])
        # Some lists were published as one of their items: they accept a text and nothing else.
        lists = [choice for choice in root["input"]["anyOf"] if choice.get("type") == "array"]
        return json.dumps(lists)

    def body(self, transcript: Transcript) -> dict[str, Any]:
        """Build the body as a run does, checked against the document's own schema."""
        taken = accepts(self.request_schema.digest, self.request_schema.translated)
        fields = write_transcript(self.kind, taken, transcript, {})
        parameters = required_length(self.kind, taken, {}, 4096)
        return build_body(self.schema, self.model_id, fields, parameters, digest=self.request_schema.digest)

    def refusal(self, transcript: Transcript) -> str:
        """Return the message for the user, empty if the transcript can be sent."""
        try:
            self.body(transcript)
        except TranscriptRefused as refused:
            return str(refused)
        return ""


def operation(name: str, kind: str, schema: dict[str, Any]) -> Operation:
    root = schema.get("properties") or schema["anyOf"][0]["properties"]
    model_id = root["model"].get("const") or (root["model"].get("enum") or ["any/model"])[0]
    return Operation(name, kind, schema, str(model_id), read_request_schema(schema))


def distinct(published: Iterable[tuple[str, str, dict[str, Any]]]) -> list[Operation]:
    """Return an operation for each way to write a transcript."""
    found: dict[str, Operation] = {}
    for name, kind, schema in published:
        root = schema.get("properties") or schema["anyOf"][0]["properties"]
        key = json.dumps([kind, root.get("messages"), root.get("input"), "system" in root], sort_keys=True)
        if key not in found:
            found[key] = operation(name, kind, schema)
    return list(found.values())


def check_any_transcript(operation: Operation) -> None:
    """Check that random transcripts give a valid body, or a sentence with the reason."""
    sent = []

    @DETERMINED
    @given(transcripts())
    def check(transcript: Transcript) -> None:
        try:
            sent.append(operation.body(transcript))
        except TranscriptRefused as refused:
            assert str(refused).startswith("This model ")
            assert str(refused).endswith(".")

    check()
    assert sent or operation.is_captioner
