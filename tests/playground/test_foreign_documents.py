"""Documents in the shapes of LiteLLM's, transformers' and others, imported for a model of a workspace."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from playground.catalogue import generic
from playground.flows.add_models import add_models
from playground.flows.add_provider import add_provider
from playground.models import Endpoint, UpstreamModel
from tests.playground.test_openapi import document as one_body

pytestmark = pytest.mark.django_db

MESSAGES: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
CHAT: dict[str, Any] = {
    "type": "object",
    "properties": {"model": {"type": "string"}, "messages": MESSAGES, "seed": {}},
}
# FastAPI writes this for a handler that takes any object, as transformers' handlers do.
ANY_OBJECT = {"type": "object", "additionalProperties": True, "title": "Body"}


def post(schema: Any = None) -> dict[str, Any]:
    """Return a path with a POST operation that takes such JSON, or that has no body."""
    body = {} if schema is None else {"requestBody": {"content": {"application/json": {"schema": schema}}}}
    return {"post": {"summary": "Chat", "responses": {"200": {"description": "Fine"}}, **body}}


def openapi(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths, **more}


@pytest.fixture
def model(ada, workspace) -> UpstreamModel:
    provider = add_provider(workspace, "House", "https://llm.example.org/v1", needs_key=False, actor=ada)
    add_models(provider, ["qwen3"], actor=ada)
    return UpstreamModel.objects.get()


@pytest.fixture
def upload(client_for, ada, model) -> Any:
    client = client_for(ada)

    def upload(value: dict[str, Any]) -> str:
        file = SimpleUploadedFile("openapi.json", json.dumps(value).encode())
        page = f"/w/acme/providers/{model.provider.code}/models/{model.pk}/schema/"
        answer = client.post(f"{page}import/", {"file": file}, follow=True)
        return str(answer.content.decode())

    return upload


def sources() -> dict[str, str]:
    return dict(Endpoint.objects.values_list("kind", "source"))


def test_the_gateway_with_every_providers_own_path_is_imported(upload):
    """LiteLLM's document has 13 such paths, and no body for Anthropic's."""
    step = {"type": "object", "properties": {"role": {"type": "string"}, "content": {"type": "string"}}}
    text = upload(
        openapi(
            {
                "/openai/deployments/{model}/chat/completions": post(CHAT),
                "/engines/{model}/chat/completions": post(CHAT),
                "/chat/completions": post(CHAT),
                "/v1/workflows/runs/{run_id}/messages": post({"$ref": "#/components/schemas/Step"}),
                "/v1/chat/completions": post({"$ref": "#/components/schemas/Chat"}),
                "/threads/{thread_id}/messages": post(),
                "/openai/v1/responses": post(ANY_OBJECT),
                "/cursor/chat/completions": post(),
                "/v1/messages": post(),
            },
            components={
                "schemas": {
                    "Step": step,
                    "Chat": {**CHAT, "properties": {**CHAT["properties"], "guardrails": {"type": "array"}}},
                }
            },
        )
    )
    assert sources() == {"chat/completions": "openapi.json", "messages": generic.SOURCE}
    chat = Endpoint.objects.get(kind="chat/completions")
    assert "guardrails" in chat.request_schema["properties"]
    assert "The document lists Messages without its parameters." in text
    assert "Responses was not imported. /openai/v1/responses: it is not below" in text


def test_the_server_that_takes_any_object_is_imported(upload, model):
    chat = Endpoint.objects.get()
    text = upload(
        openapi(
            {
                "/v1/chat/completions": post(ANY_OBJECT),
                "/v1/completions": post(ANY_OBJECT),
                "/v1/responses": post(ANY_OBJECT),
                "/v1/models": {"get": {}, "options": {}},
            }
        )
    )
    assert sources() == {"chat/completions": generic.SOURCE, "responses": generic.SOURCE}
    # The endpoint that was there keeps its schema.
    assert Endpoint.objects.get(kind="chat/completions").imported_at == chat.imported_at
    assert "The document lists Responses without its parameters." in text


def test_an_endpoint_without_words_does_not_replace_what_is_known(upload, model):
    upload(openapi({"/v1/chat/completions": post(CHAT)}))
    upload(openapi({"/v1/chat/completions": post(ANY_OBJECT)}))
    assert sources() == {"chat/completions": "openapi.json"}


def parameters(count: int) -> dict[str, Any]:
    return {"type": "object", "properties": {"input": {}, **{f"p{n}": {} for n in range(count)}}}


LOOP = {"$ref": "#/components/schemas/Loop"}
DEEP = {"$ref": "#/components/schemas/Wide0"}
WIDE: dict[str, Any] = {
    f"Wide{n}": {"anyOf": [{"$ref": f"#/components/schemas/Wide{n + 1}"}] * 10} for n in range(9)
}


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (parameters(500), "too large: a request has 501 parameters"),
        ({"type": "object", "properties": {"input": {}, "x" * 200: {}}}, "a name that no form can show"),
        (LOOP, "its references run in circles"),
        (DEEP, "its references run in circles, or it is more than a form can show"),
        ({"type": "object", "properties": {"prompt": {"type": "string"}}}, "cannot hold a prompt"),
        (
            {"type": "object", "properties": {"input": {}, "model": {"type": "integer"}}},
            "does not accept “qwen3”",
        ),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_one_endpoint_that_cannot_be_used_does_not_refuse_the_others(upload, schema, reason, is_first):
    paths = {"/v1/responses": post(schema), "/v1/chat/completions": post(CHAT)}
    paths = paths if is_first else dict(reversed(paths.items()))
    components = {"schemas": {"Loop": {"allOf": [LOOP]}, **WIDE, "Wide9": {"type": "object"}}}
    text = upload(openapi(paths, components=components))
    assert sources() == {"chat/completions": "openapi.json"}
    assert "qwen3 at Chat Completions has 1 parameter, 1 of them as JSON now." in text
    assert "Responses was not imported." in text
    assert reason in text


def test_a_document_of_unusable_endpoints_is_refused_with_a_reason(upload):
    before = sources()
    paths = {"/v1/responses": post(parameters(500)), "/v1/messages": post(parameters(600))}
    text = upload(openapi(paths))
    assert "none of its endpoints can be used; /v1/responses: too large: a request has 501" in text
    assert sources() == before


def test_the_command_says_which_endpoints_it_left_out(tmp_path, model):
    content = one_body("/v1/chat/completions", "/elsewhere/responses")
    content["paths"]["/v1/messages"] = post(parameters(500))
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(content))
    out = StringIO()
    call_command("import_openapi", str(path), "--provider", model.provider.code, stdout=out)
    assert out.getvalue().splitlines()[:2] == [
        "openapi.json: /v1/messages was left out, too large: a request has 501 parameters",
        "openapi.json: /elsewhere/responses was left out, it is not below the provider's base URL",
    ]
    assert UpstreamModel.objects.filter(model_id="acme/one").exists()
