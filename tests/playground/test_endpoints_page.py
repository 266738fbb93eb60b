"""Endpoints that an admin switches on for a provider without a document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from playground import clients
from playground.access import endpoint_of, endpoints_of, get_endpoint_for, kinds_of, models_for
from playground.catalogue import generic
from playground.catalogue.sync import synchronise
from playground.flows.add_models import add_models
from playground.flows.add_provider import add_provider
from playground.flows.replace_schema import restore_schema
from playground.models import Endpoint, Provider, UpstreamModel
from tests.scripted_catalogue import body_for

pytestmark = pytest.mark.django_db

ALL = ["chat/completions", "messages", "responses"]


@pytest.fixture
def house(ada, catalogue, workspace) -> Provider:
    provider = add_provider(workspace, "House", catalogue.base_url, needs_key=False, actor=ada)
    add_models(provider, ["one", "two"], actor=ada)
    return provider


@pytest.fixture
def page(house) -> str:
    return f"/w/acme/providers/{house.code}/"


def switch(client: Any, page: str, *kinds: str) -> str:
    answer = client.post(f"{page}endpoints/", {"kinds": list(kinds)}, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def kinds(model_id: str) -> list[str]:
    return [endpoint.kind for endpoint in endpoints_of(UpstreamModel.objects.get(model_id=model_id))]


def test_all_its_models_can_be_called_there(client_for, ada, house, page):
    text = switch(client_for(ada), page, "responses", "messages")
    assert "Models of House can also be called at Responses and Messages." in text
    assert text.count('name="kinds"') == len(generic.more_kinds())
    assert kinds("one") == kinds("two") == ALL
    for endpoint in Endpoint.objects.all():
        assert endpoint.request_schema == generic.generic_schema(endpoint.kind)
        assert endpoint.schema_digest == generic.digest(endpoint.kind)
        assert endpoint.source == generic.SOURCE


def test_it_is_for_those_who_manage_providers(client, client_for, bob, vera, carol, house, page):
    for user, status in ((bob, 403), (vera, 403), (carol, 404)):
        assert client_for(user).post(f"{page}endpoints/").status_code == status
    assert "?next=" in client.post(f"{page}endpoints/").url
    assert client_for(bob).get(f"{page}endpoints/").status_code == 405


def test_the_demo_has_the_endpoints_that_it_has(client_for, ada, demo_upstream, aimlapi):
    assert (
        client_for(ada).post("/w/acme/providers/aimlapi/endpoints/", {"kinds": "messages"}).status_code == 403
    )


@pytest.mark.parametrize("kind", ["chat/completions", "embeddings", "<b>", ""])
def test_other_kinds_are_refused(client_for, ada, house, page, kind):
    answer = client_for(ada).post(f"{page}endpoints/", {"kinds": [kind]})
    assert answer.context["endpoints_form"].errors
    assert kinds("one") == ["chat/completions"]


def test_models_that_come_later_have_them_too(client_for, ada, house, page, catalogue):
    switch(client_for(ada), page, "messages")
    house.refresh_from_db()
    add_models(house, ["by-hand"], actor=ada)
    catalogue.models = {"listed": {"id": "listed"}}
    for _ in range(2):
        with clients.model_list_reader(house, None) as reader:
            report = synchronise(house, reader).report
    assert kinds("by-hand") == kinds("listed") == ["chat/completions", "messages"]
    assert report is not None
    assert report.changed == {}


def test_switched_off_nobody_can_choose_them_and_their_rows_stay(client_for, ada, house, page):
    client = client_for(ada)
    switch(client, page, "messages")
    used = Endpoint.objects.get(model__model_id="one", kind="messages")
    member = ada.memberships.get()
    assert get_endpoint_for(member, used.pk) == used
    text = switch(client, page)
    assert "Models of House have the usual endpoint only." in text
    assert kinds("one") == ["chat/completions"]
    assert set(map(tuple, kinds_of(models_for(member).filter(provider=house)).values())) == {
        ("chat/completions",)
    }
    one = UpstreamModel.objects.get(model_id="one")
    found = endpoint_of(one, "messages")
    assert found is not None
    assert found.kind == "chat/completions"
    # Runs refer to the row, and it is the same one afterwards.
    assert Endpoint.objects.filter(pk=used.pk, is_enabled=False).exists()
    switch(client, page, "messages")
    assert Endpoint.objects.get(model__model_id="one", kind="messages", is_enabled=True).pk == used.pk


def test_what_a_document_described_is_kept_and_named(client_for, ada, house, page):
    client = client_for(ada)
    switch(client, page, "messages", "responses")
    one = UpstreamModel.objects.get(model_id="one")
    document = body_for("one", top_k={"type": "integer"})
    document["paths"] = {"/v1/messages": document["paths"]["/v1/chat/completions"]}
    file = SimpleUploadedFile("mine.json", json.dumps(document).encode())
    client.post(f"{page}models/{one.pk}/schema/import/", {"file": file})
    assert "1 model keeps Messages, since its parameters were imported" in switch(client, page)
    assert (kinds("one"), kinds("two")) == (["chat/completions", "messages"], ["chat/completions"])
    # Switching it on again does not replace what the document said.
    switch(client, page, "messages")
    assert Endpoint.objects.get(model=one, kind="messages").source == "mine.json"


def test_an_import_for_an_endpoint_that_is_off_switches_it_on(client_for, ada, house, page):
    client = client_for(ada)
    switch(client, page, "messages")
    switch(client, page)
    one = UpstreamModel.objects.get(model_id="one")
    operation = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
    document = {"openapi": "3.1.0", "paths": {"/v1/messages": {"post": operation}}}
    file = SimpleUploadedFile("mine.json", json.dumps(document).encode())
    client.post(f"{page}models/{one.pk}/schema/import/", {"file": file})
    assert kinds("one") == ["chat/completions", "messages"]


def test_the_common_parameters_of_a_model_are_those_of_its_provider(client_for, ada, house, page):
    switch(client_for(ada), page, "responses")
    one = UpstreamModel.objects.select_related("provider").get(model_id="one")
    Endpoint.objects.filter(model=one).update(source="mine.json", request_schema={}, schema_digest="0" * 64)
    restore_schema(one, actor=ada)
    assert kinds("one") == ["chat/completions", "responses"]
    assert set(one.endpoints.values_list("source", flat=True)) == {generic.SOURCE}


def test_a_model_of_a_document_alone_gets_no_usual_endpoint(client_for, ada, house, page):
    one = UpstreamModel.objects.get(model_id="one")
    Endpoint.objects.filter(model=one).update(kind="responses", source="mine.json")
    switch(client_for(ada), page, "messages")
    assert kinds("one") == ["messages", "responses"]


def test_models_of_others_are_not_touched(client_for, ada, carol, house, page):
    theirs = add_provider(
        carol.memberships.get().workspace, "Theirs", "https://x.example.org/v1", needs_key=False, actor=carol
    )
    add_models(theirs, ["secret"], actor=carol)
    switch(client_for(ada), page, "messages")
    assert kinds("secret") == ["chat/completions"]
    assert client_for(ada).post(f"/w/acme/providers/{theirs.code}/endpoints/").status_code == 404
