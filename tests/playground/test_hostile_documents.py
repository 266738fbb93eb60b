"""Hostile documents from a sync and from an admin's upload."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from playground import clients
from playground.catalogue import generic
from playground.catalogue.sync import synchronise
from playground.flows.add_models import add_models
from playground.flows.add_provider import add_provider
from playground.models import Endpoint, UpstreamModel
from playground.parameters.form.parameter_form import ParameterForm
from playground.parameters.schema.request_schema import read_request_schema
from tests.scripted_catalogue import ScriptedCatalogue, body_for

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
REF_TREE = {"$ref": "#/components/schemas/tree"}
Way = Callable[[bytes], str]


def nested(depth: int) -> bytes:
    """Write a document with a parameter of that many nested objects.

    The result is text, since Python's encoder fails on such a value.
    """
    opening, closing = b'{"type": "object", "properties": {"a": ' * depth, b"}}" * depth
    return document(deep="HERE").replace(b'"HERE"', opening + b"{}" + closing)


def document(**properties: Any) -> bytes:
    return json.dumps(body_for("acme/one", **properties)).encode()


def with_components(schemas: dict[str, Any], **properties: Any) -> bytes:
    return json.dumps({**body_for("acme/one", **properties), "components": {"schemas": schemas}}).encode()


@pytest.fixture
def by_sync(catalogue: ScriptedCatalogue, aimlapi) -> Way:
    """Sync a model with that document; return the reason if it was refused."""

    def sync(content: bytes) -> str:
        catalogue.add("acme/one", content)
        with clients.model_list_reader(aimlapi, None) as reader:
            report = synchronise(aimlapi, reader).report
        assert report is not None
        return "; ".join(reason for _, reason in report.refused)

    return sync


@pytest.fixture
def by_upload(client_for, ada, workspace) -> Way:
    provider = add_provider(workspace, "House", "https://llm.example.org/v1", needs_key=False, actor=ada)
    add_models(provider, ["acme/one"], actor=ada)
    model = UpstreamModel.objects.get(provider=provider)
    page = f"/w/acme/providers/{provider.code}/models/{model.pk}/schema/"
    client = client_for(ada)

    def upload(content: bytes) -> str:
        answer = client.post(f"{page}import/", {"file": SimpleUploadedFile("openapi.json", content)})
        assert answer.status_code in (302, 422)
        if answer.status_code == 302:
            return ""
        return str(answer.context["document"].errors)

    return upload


@pytest.fixture(params=["by_sync", "by_upload"])
def way(request) -> Way:
    way: Way = request.getfixturevalue(request.param)
    return way


def stored() -> Endpoint:
    return Endpoint.objects.exclude(source=generic.SOURCE).get()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n", "not text in UTF-8"),
        (b"{]", "neither JSON nor YAML"),
        (b"just words", "not an OpenAPI document"),
        (b'"paths"', "not an OpenAPI document"),
        (b'{"swagger": "2.0", "paths": {}}', "does not say its version"),
        (b'{"openapi": "3.1.0", "paths": []}', "not an OpenAPI document"),
        (b'{"openapi": "3.1.0", "paths": {"/v1/chat/completions": 7}}', "no chat endpoint"),
        (b"[" * 1000 + b"]" * 1000, "nested too deeply"),
        (b"[" * 200_000, "nested too deeply"),
        (b"a: " + b"[" * 5000 + b"]" * 5000, "nested too deeply"),
        (nested(1000), "nested too deeply"),
        (b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "aliases"),
        (b"a:\n" + b"- x\n" * 900_000, "too many parts"),
        (b"!!python/object/apply:os.system ['true']", "neither JSON nor YAML"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_it_is_refused_with_a_reason(way, content, reason):
    assert reason in way(content)
    assert not Endpoint.objects.exclude(source=generic.SOURCE).exists()


def test_references_in_circles_make_a_form(way):
    tree = {"type": "object", "properties": {"children": {"type": "array", "items": REF_TREE}}}
    assert way(with_components({"tree": tree}, tree=REF_TREE)) == ""
    assert "tree" in names()


def names() -> set[str]:
    return {spec.name for spec in read_request_schema(stored().request_schema).specs}


def form() -> Any:
    return ParameterForm(read_request_schema(stored().request_schema), {})


def test_a_reference_to_itself_is_handled(way):
    loop = {"$ref": "#/components/schemas/loop"}
    assert way(with_components({"loop": loop}, loop=loop)) == ""
    assert "temperature" in names()


@pytest.mark.parametrize(
    "reference",
    [
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "//evil.example.org/schema.json",
        "other.json#/components/schemas/a",
    ],
)
def test_references_to_elsewhere_are_not_followed(way, reference, monkeypatch, settings):
    import socket

    real = socket.getaddrinfo
    asked: list[str] = []

    def watched(host: str, *arguments: Any, **options: Any) -> Any:
        asked.append(str(host))
        return real(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", watched)
    assert way(document(far={"$ref": reference})) == ""
    assert form().is_valid()
    assert set(asked) <= {"127.0.0.1"}
    assert reference not in json.dumps(stored().request_schema)


@pytest.mark.parametrize(
    "pattern", [r"^(a+)+$", r"(x+x+)+y", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(?=(a+))\1*b"]
)
def test_a_pattern_that_explodes_does_not(way, pattern):
    assert way(document(code={"type": "string", "pattern": pattern})) == ""
    # A backtracking engine would need years for this pattern.
    ParameterForm(read_request_schema(stored().request_schema), {"p.code": "a" * 50_000 + "!"}).is_valid()


def test_html_in_words_stays_text(way):
    spoken = {
        "type": "string",
        "description": SCRIPT,
        "title": SCRIPT,
        "default": SCRIPT,
        "enum": [SCRIPT, "b"],
    }
    assert way(document(say=spoken, **{'x"><script>': {"type": "string", "description": SCRIPT}})) == ""
    html = "".join(field.html for group in form().groups for field in group.fields)
    assert html
    assert "<script" not in html.lower()
    assert "<img" not in html.lower()


def test_a_hundred_million_bytes_are_not_read(by_sync, catalogue):
    def endless(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(100 * 1024 * 1024))
        handler.end_headers()
        try:
            for _ in range(1600):
                handler.wfile.write(b" " * 65536)
        except OSError:
            pass
        handler.close_connection = True

    catalogue.document_answers["acme/one"] = endless
    assert "too large" in by_sync(b"")


def test_a_list_of_two_models_with_one_id_keeps_the_first(catalogue, aimlapi, by_sync):
    twice = {**catalogue.add("acme/two"), "info": {"name": "Second"}}
    catalogue.models["again"] = twice
    assert "listed more than once" in by_sync(document())
    assert UpstreamModel.objects.get(model_id="acme/two").name == "acme/two"


def test_a_list_cannot_make_us_fetch_from_elsewhere(catalogue, aimlapi, by_sync):
    for number, url in enumerate(
        ["http://169.254.169.254/", "https://evil.example.org/", "file:///etc/passwd"]
    ):
        catalogue.add(f"acme/{number + 2}", info={"docsJson": url})
    reason = by_sync(document())
    assert reason.count("could not be read") == 3
    assert UpstreamModel.objects.count() == 4
