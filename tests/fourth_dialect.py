"""A dialect that the product does not have: the prompt is a text, and each event holds a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from playground.upstream.dialects.dialect import Dialect
from playground.upstream.dialects.shared.reading.normaliser import DialectNormaliser
from playground.upstream.events import Finished, TextDelta

if TYPE_CHECKING:
    from playground.upstream.dialects.shared.transcript import Transcript
    from playground.upstream.dialects.shared.writing.accepts import Accepts
    from playground.upstream.events import Event

KIND = "generate"


class Word(msgspec.Struct):
    word: str = ""
    ended: str = ""


class GenerateNormaliser(DialectNormaliser[Word]):
    _decode = staticmethod(msgspec.json.Decoder(Word).decode)

    def __init__(self, *, inference_id: str = "") -> None:
        super().__init__(inference_id=inference_id)
        self._is_over = False

    @property
    def is_whole(self) -> bool:
        return self._is_over

    def _is_plain(self, frame: Word) -> bool:
        return bool(frame.word or frame.ended)

    def _from_object(self, found: dict[str, Any]) -> Word:
        return Word(str(found.get("word", "")), str(found.get("ended", "")))

    def _is_known(self, found: dict[str, Any]) -> bool:
        return "word" in found

    def _is_error(self, found: dict[str, Any]) -> bool:
        return "error" in found

    def _is_body(self, found: dict[str, Any]) -> bool:
        return "word" in found

    def _join_halves(self, found: dict[str, Any]) -> None: ...

    def _read(self, frame: Word, events: list[Event]) -> None:
        if frame.word:
            events.append(TextDelta(frame.word))
        if frame.ended:
            self._is_over = True
            events.append(Finished(frame.ended))

    def _read_body(self, found: dict[str, Any], events: list[Event]) -> None:
        self._read(self._from_object({"ended": "stop", **found}), events)

    def _close_parts(self, events: list[Event]) -> None: ...


def write_prompt(_: Accepts, transcript: Transcript) -> dict[str, Any]:
    return {"prompt": "\n".join(f"{turn.role}: {turn.text}" for turn in transcript)}


DIALECT = Dialect(
    kind=KIND,
    label="generate",
    normaliser=GenerateNormaliser,
    write=write_prompt,
    transcript="prompt",
    instructions="preamble",
    transcript_schema=lambda _: {"type": "string"},
    headers={"generate-version": "7"},
    listed_as=frozenset({"generator"}),
)


def document(model_id: str) -> dict[str, Any]:
    """Return an OpenAPI document of a provider that has this dialect."""
    schema = {
        "type": "object",
        "properties": {
            "model": {"type": "string", "enum": [model_id]},
            "prompt": {"type": "string"},
            "preamble": {"type": "string"},
            "warmth": {"type": "number", "minimum": 0, "maximum": 9},
            "stream": {"type": "boolean"},
        },
        "required": ["model", "prompt"],
        "additionalProperties": False,
    }
    operation = {"requestBody": {"content": {"application/json": {"schema": schema}}}}
    return {"openapi": "3.1.0", "paths": {f"/v1/{KIND}": {"post": operation}}}
