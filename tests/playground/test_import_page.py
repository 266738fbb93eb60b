"""The page for the request schema of a workspace's own model: import, write, restore."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from playground.catalogue import generic
from playground.catalogue.custom_schema import LONGEST_TEXT, WRITTEN
from playground.catalogue.documents import MAX_BYTES
from playground.flows import replace_schema
from playground.flows.add_models import add_models
from playground.flows.add_provider import add_provider
from playground.models import Endpoint, Provider, SchemaChange, UpstreamModel
from tests.scripted_catalogue import body_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(alice, catalogue, workspace) -> UpstreamModel:
    provider = add_provider(workspace, "Our vLLM", catalogue.base_url, needs_key=False, actor=alice)
    add_models(provider, ["qwen3"], actor=alice)
    return UpstreamModel.objects.get()


@pytest.fixture
def page(model) -> str:
    return f"/w/acme/providers/{model.provider.code}/models/{model.pk}/schema/"


def upload(client: Any, page: str, content: bytes, name: str = "openapi.json") -> Any:
    return client.post(f"{page}import/", {"file": SimpleUploadedFile(name, content), "url": ""})


def document(model_id: str = "qwen3", **properties: Any) -> bytes:
    return json.dumps(body_for(model_id, **properties)).encode()


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return str(answer.content.decode())


def written(**properties: Any) -> str:
    return json.dumps({"type": "object", "properties": {"messages": {"type": "array"}, **properties}})


def test_it_says_what_the_model_takes(client_for, ada, model, page):
    text = text_of(client_for(ada).get(page))
    assert "Parameters of qwen3" in text
    assert "the parameters that OpenAI-compatible servers have in common" in " ".join(text.split())
    assert "&quot;temperature&quot;: {" in text


def test_it_is_for_those_who_manage_providers(client_for, bob, vera, carol, page):
    for user, status in ((bob, 403), (vera, 403), (carol, 404)):
        client = client_for(user)
        assert client.get(page).status_code == status
        for action in ("import", "write", "restore"):
            assert client.post(f"{page}{action}/").status_code == status


def test_what_comes_with_the_product_is_its_providers_to_say(client_for, ada, aimlapi):
    model = UpstreamModel.objects.create(provider=aimlapi, model_id="acme/one", name="One")
    page = f"/w/acme/providers/aimlapi/models/{model.pk}/schema/"
    client = client_for(ada)
    assert client.get(page).status_code == 403
    assert upload(client, page, document("acme/one")).status_code == 403


def test_it_imports_a_file(client_for, ada, model, page):
    client = client_for(ada)
    answer = upload(client, page, document(seed={"type": "integer"}, anything={}))
    assert answer.url == page
    endpoint = Endpoint.objects.get()
    assert endpoint.source == "openapi.json"
    assert {"seed", "anything"} < endpoint.request_schema["properties"].keys()
    text = text_of(client.get(page))
    assert "qwen3 at Chat Completions has 3 parameters, 1 of them as JSON now." in text
    assert "From openapi.json" in text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["read_for_model", "read_written"])
def test_no_transaction_is_open_while_a_schema_is_read(client_for, ada, model, page, monkeypatch, name):
    """SQLite has a single writer, and a document may take many seconds."""
    read = getattr(replace_schema, name)
    was_open = []

    def noted(*given: Any) -> Any:
        was_open.append(connection.in_atomic_block)
        return read(*given)

    monkeypatch.setattr(replace_schema, name, noted)
    if name == "read_for_model":
        upload(client_for(ada), page, document())
    else:
        client_for(ada).post(f"{page}write/", {"kind": "chat/completions", "text": written()})

    assert was_open == [False]


def test_it_imports_yaml_and_several_endpoints(client_for, ada, model, page):
    content = b"""
openapi: 3.1.0
paths:
  /v1/chat/completions: {post: {requestBody: {content: {application/json: {schema: &no
    {type: object, properties: {messages: {type: array}, top_k: {type: integer}}}}}}}}
  /v1/responses:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {input: {type: string}, store: {type: boolean}}}
""".replace(b"&no", b"")
    client = client_for(ada)
    upload(client, page, content, "openapi.yaml")
    assert sorted(model.endpoints.values_list("kind", flat=True)) == ["chat/completions", "responses"]
    text = text_of(client.get(f"{page}?kind=responses"))
    assert "&quot;store&quot;" in text
    assert 'aria-current="page">Responses' in text


def test_it_imports_from_an_address(client_for, ada, model, page, catalogue):
    catalogue.documents["qwen3"] = body_for("qwen3", top_k={"type": "integer"})
    url = catalogue.document_url("qwen3")
    assert client_for(ada).post(f"{page}import/", {"url": url}).status_code == 302
    # The source lacks the query, which may contain a secret.
    assert Endpoint.objects.get().source == url.partition("?")[0]
    assert "authorization" not in catalogue.requests[-1][1]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://169.254.169.254/openapi.json", "private network"),
        ("http://127.0.0.1:1/openapi.json", "private network"),
        ("file:///etc/passwd", "starts with http:// or https://"),
        ("ftp://example.org/a", "starts with http:// or https://"),
        ("http://", "could not be read"),
        ("https://me:secret@example.org/openapi.json", "Remove the user name and password."),
        ("http://[", "could not be read"),
    ],
)
def test_it_does_not_fetch_from_where_it_must_not(client_for, ada, model, page, url, reason):
    before = Endpoint.objects.values().get()
    assert reason in text_of(client_for(ada).post(f"{page}import/", {"url": url}), 422)
    assert Endpoint.objects.values().get() == before


def test_a_redirect_into_the_private_network_is_not_followed(client_for, ada, model, page, catalogue):
    def away(handler: Any) -> None:
        handler.send(302, b"", Location="http://169.254.169.254/latest/meta-data")

    catalogue.documents["away"] = b""
    catalogue.document_answers["away"] = away
    answer = client_for(ada).post(f"{page}import/", {"url": catalogue.document_url("away")})
    assert "private network" in text_of(answer, 422)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html>no</html>", "not an OpenAPI document"),
        (b"{", "neither JSON nor YAML"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b'{"openapi": "3.1.0", "paths": {"/v1/models": {}}}', "describes no chat endpoint"),
        (document("other"), "describes other models: other"),
        (b"x" * (MAX_BYTES + 1), "too large: over 10 MB"),
        (b"", "The submitted file is empty"),
    ],
)
def test_a_refused_document_says_why_and_changes_nothing(client_for, ada, model, page, content, reason):
    before = Endpoint.objects.values().get()
    assert reason in text_of(upload(client_for(ada), page, content), 422)
    assert Endpoint.objects.values().get() == before


def test_one_of_file_and_address_is_needed(client_for, ada, model, page):
    client = client_for(ada)
    assert "Choose a file or enter an address." in text_of(client.post(f"{page}import/", {"url": ""}), 422)


def test_it_saves_what_was_written(client_for, ada, model, page):
    text = written(temperature={"type": "number"}, shape={})
    client = client_for(ada)
    client.post(f"{page}write/", {"text": text, "kind": "chat/completions"})
    endpoint = Endpoint.objects.get()
    assert (endpoint.source, endpoint.request_schema) == (WRITTEN, json.loads(text))
    assert "has 2 parameters, 1 of them as JSON now" in text_of(client.get(page))
    assert SchemaChange.objects.get().added == ["shape"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"type": "object",\n  nope}', "Line 2, column 3"),
        ("[]", "A schema must be an object"),
        ("", "Enter a schema."),
        ('{"properties": {"temperature": {}}}', "no property “messages”"),
        (written(model={"enum": ["other"]}), "does not accept “qwen3”"),
        ('{"a":' * 3000 + "1" + "}" * 3000, "nested too deeply"),
        ('{"a":' * 200 + "1" + "}" * 200, "nested too deeply"),
        (f'"{"x" * LONGEST_TEXT}"', "too long"),
        (f'{{"a": {"9" * 5000}}}', "number in this JSON is too long"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_used_comes_back_with_the_reason_at_the_field(
    client_for, ada, model, page, text, reason
):
    before = Endpoint.objects.values().get()
    answer = text_of(client_for(ada).post(f"{page}write/", {"text": text}), 422)
    errors = answer[answer.index('id="id_text_error"') :]
    assert reason in errors[:500]
    assert Endpoint.objects.values().get() == before


def test_what_was_written_is_not_lost_with_an_error(client_for, ada, model, page):
    answer = text_of(client_for(ada).post(f"{page}write/", {"text": '{"mine": <b>'}), 422)
    assert "{&quot;mine&quot;: &lt;b&gt;" in answer


def test_the_common_schema_can_be_had_again(client_for, ada, model, page):
    client = client_for(ada)
    content = body_for("qwen3")
    content["paths"]["/v1/responses"] = content["paths"]["/v1/chat/completions"]
    upload(client, page, json.dumps(content).encode())
    assert model.endpoints.count() == 2
    client.post(f"{page}restore/")
    endpoint = Endpoint.objects.get()
    assert (endpoint.source, endpoint.request_schema) == (
        generic.SOURCE,
        generic.generic_schema(),
    )


def test_looking_at_a_model_without_an_endpoint_makes_none(client_for, ada, model, page):
    Endpoint.objects.all().delete()
    client = client_for(ada)
    assert "12 parameters" in text_of(client.get(page))
    assert not Endpoint.objects.exists()
    client.post(f"{page}write/", {"text": written()})
    assert Endpoint.objects.get().source == WRITTEN


def test_another_workspaces_model_is_not_there(client_for, ada, carol):
    theirs = add_provider(
        carol.memberships.get().workspace, "Theirs", "https://x.example.org/v1", needs_key=False, actor=ada
    )
    add_models(theirs, ["secret"], actor=ada)
    page = f"/w/acme/providers/{theirs.code}/models/{UpstreamModel.objects.get().pk}/schema/"
    assert client_for(ada).get(page).status_code == 404
    assert Provider.objects.filter(workspace__slug="other").exists()
