"""A single entry in the registry adds a dialect, from the import of a document to the stored answer."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat.billing import sent_tokens
from chat.flows.build_request import Choice
from chat.flows.send_prompt import start_conversation
from chat.models import Conversation, Run
from chat.relays import background
from playground.catalogue.model_list import kind_of
from playground.flows.add_models import add_models
from playground.flows.add_provider import add_provider
from playground.flows.replace_schema import import_schema
from playground.models import Endpoint, UpstreamModel
from playground.parameters.form.parameter_form import parameter_form
from playground.parameters.schema import envelope
from playground.upstream.dialects import registry
from playground.upstream.errors.refusals import refused_parameters
from tests.fourth_dialect import DIALECT, KIND, document
from tests.raw_upstream import END, STREAM, chunked, raw_upstream

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = [{"word": "Because "}, {"word": "they can."}, {"ended": "stop"}]
ANSWER = STREAM + chunked(*(f"data: {json.dumps(each)}\n\n".encode() for each in WORDS)) + END


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    # The patch takes the entry out again.
    monkeypatch.setitem(registry.DIALECTS, KIND, DIALECT)
    reserved = [(names, set(names)) for names in (envelope.ENVELOPE, envelope.FIXED)]
    registry.register(DIALECT)
    yield
    for names, before in reserved:
        names.intersection_update(before)


@pytest.fixture
def imported(workspace, ada):
    """Return a function that imports a document for a model of a workspace's own provider."""

    def add(base_url: str) -> Endpoint:
        provider = add_provider(workspace, "Ours", base_url, needs_key=False, actor=ada)
        add_models(provider, ["gen-1"], actor=ada)
        model = UpstreamModel.objects.get(provider=provider)
        import_schema(model, json.dumps(document("gen-1")).encode(), source="document", actor=ada)
        return Endpoint.objects.select_related("model__provider").get(model=model, kind=KIND)

    return add


async def test_it_asks_and_answers(imported, relays, workspace, alice, settings):
    async with raw_upstream(ANSWER) as upstream:
        settings.ALLOWED_PRIVATE_UPSTREAMS = [f"127.0.0.1:{upstream.port}"]
        endpoint = await sync_to_async(imported)(upstream.base_url)
        choice = Choice(endpoint, {"warmth": 3})
        run = await sync_to_async(start_conversation)(workspace, alice, "Why?", choice, uuid.uuid4())
        background.start(run)
        await asyncio.sleep(0)
        async with asyncio.timeout(20):
            await asyncio.gather(*relays.tasks())
    (visit,) = upstream.visits
    assert visit.head.startswith(b"POST /v1/generate HTTP/1.1\r\n")
    assert visit.headers["generate-version"] == "7"
    body = {"model": "gen-1", "prompt": "user: Why?", "warmth": 3, "stream": True}
    assert json.loads(visit.body) == body
    run = await Run.objects.select_related("answer").aget(pk=run.pk)
    assert run.status == Run.Status.FINISHED, run.error
    assert run.message.text == "Because they can."
    assert sent_tokens(body) == sent_tokens({"prompt": "user: Why?"}) > 0


def test_its_transcript_and_system_prompt_are_no_parameters(imported):
    form = parameter_form(imported("http://127.0.0.1:1/v1"))
    assert set(form.fields) == {"warmth"}


def test_its_page_has_a_button_for_it(imported, client_for, workspace, alice):
    endpoint = imported("http://127.0.0.1:1/v1")
    conversation = Conversation.objects.create(
        workspace=workspace, owner=alice, title="A", model=endpoint.model, endpoint_kind=KIND
    )
    page: Any = client_for(alice).get(f"/c/{conversation.code}/")
    assert 'value="generate"' in page.content.decode()


def test_an_upstream_cannot_refuse_its_transcript():
    sent = {"model", "prompt", "preamble", "warmth", "stream"}
    error = '{"error": {"message": "Unknown parameter: %s", "param": "%s"}}'
    assert refused_parameters(error % ("prompt", "prompt"), sent) == []
    assert [refusal.name for refusal in refused_parameters(error % ("warmth", "warmth"), sent)] == ["warmth"]


def test_a_list_of_models_may_name_it():
    assert kind_of("acme/generator") == KIND
    assert kind_of("acme/painter") is None


def test_every_kind_fits_its_column():
    longest = Endpoint._meta.get_field("kind").max_length
    assert longest
    assert all(len(kind) <= longest for kind in registry.endpoint_kinds())
    assert Endpoint().kind == registry.DEFAULT.kind
