"""Bodies for the models of the catalogue, from random transcripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from playground.catalogue import generic
from playground.catalogue.bundled_models import bundled_models
from playground.demo.models import MODELS
from tests.playground.operations import check_any_transcript, distinct

SCHEMAS: dict[str, Mapping[str, dict[str, Any]]] = {
    **{model.model_id: model.schemas for model in bundled_models()},
    **{model.model_id: model.schemas for model in MODELS.values()},
}
BUNDLED = distinct((name, kind, schema) for name, kinds in SCHEMAS.items() for kind, schema in kinds.items())
GENERIC = distinct(("generic", kind, generic.generic_schema(kind)) for kind in generic.kinds())


@pytest.mark.parametrize("operation", [*BUNDLED, *GENERIC], ids=lambda each: f"{each.name} {each.kind}")
def test_any_transcript_gives_a_valid_body_or_a_sentence_why_not(operation):
    check_any_transcript(operation)


def test_all_three_dialects_are_among_them():
    assert {each.kind for each in BUNDLED} == {"chat/completions", "responses", "messages"}
