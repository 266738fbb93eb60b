"""A prompt with a recording that the provider fetches: its request, its code and its inspector."""

from __future__ import annotations

import uuid

import pytest

from chat.flows.build_request import Choice
from chat.flows.send_prompt import start_conversation
from chat.models import StoredFile
from chat.pages.code import code_of_run
from chat.pages.inspector.request import request_context
from chat.references import filled
from playground.catalogue.bundled_models import bundled_models
from playground.catalogue.store_endpoints import store_endpoint
from playground.models import Endpoint, UpstreamModel

pytestmark = pytest.mark.django_db

CAPTIONER = "qwen3-omni-30b-a3b-captioner"
ADDRESS = "https://example.org/rain?sound=1"


def test_the_address_is_sent_shown_and_written_as_code(workspace, alice, endpoint):
    [schema] = [each.schemas["chat/completions"] for each in bundled_models() if each.model_id == CAPTIONER]
    model = UpstreamModel.objects.create(
        provider=endpoint.model.provider, model_id=CAPTIONER, name="Captioner"
    )
    store_endpoint(model, "chat/completions", schema, source="a test")
    choice = Choice(Endpoint.objects.select_related("model__provider").get(model=model), {})
    file = StoredFile.objects.create(
        workspace=workspace, uploader=alice, kind="audio", name="rain", address=ADDRESS
    )
    run = start_conversation(workspace, alice, "", choice, uuid.uuid4(), [file.code])

    part = {"type": "input_audio", "input_audio": {"data": ADDRESS}}
    assert run.body["messages"] == [{"role": "user", "content": [part]}]
    assert filled(run.body, run.references, {}) == run.body
    [reference] = run.references
    assert (reference["form"], reference["path"][-1], reference["tokens"]) == ("address", "data", 9600)
    assert request_context(run, None)["sent_files"][0].is_address
    for code in code_of_run(run, alice)["codes"]:
        assert ADDRESS in "".join(text for _, text in code.pieces)
