"""The prompts of a Langfuse server, fetched with keys that serve one request."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.urls import reverse

from chat.models import Prompt
from playground.demo.api import HttpRequest
from playground.demo.steps import Steps, whole
from tests.chat.prompt_samples import LANGFUSE, LANGFUSE_TEXT, as_text
from tests.playground.untouched_page import posted_by

pytestmark = pytest.mark.django_db

PUBLIC, SECRET = "pk-lf-1", "sk-lf-never-shown"


class ScriptedLangfuse:
    """A server with two prompts, one of which has a version for production beside a newer one."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        # The answer to every request, instead of the right ones: a status with a body.
        self.instead: tuple[int, bytes] | None = None

    def respond(self, request: HttpRequest) -> Steps | None:
        path = unquote(request.path)
        if "/api/public/v2/prompts" not in path:
            return None
        self.asked.append(f"{path}?{request.query}")
        if self.instead:
            return _steps(*self.instead)
        pair = base64.b64encode(f"{PUBLIC}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {pair}":
            return _steps(401, b'{"message": "Invalid credentials"}')
        return _steps(200, as_text(self._found(path, parse_qs(request.query))).encode())

    def _found(self, path: str, query: dict[str, list[str]]) -> Any:
        if path.endswith("/prompts"):
            rows = [{"name": "reply", "labels": ["production"]}, {"name": "a/b", "labels": []}, 7]
            return {"data": rows, "meta": {}}
        if path.endswith("/a/b"):
            return {**LANGFUSE_TEXT, "name": "a/b"}
        is_pinned = query["label"] == ["production"]
        return {**LANGFUSE, "version": 7 if is_pinned else 8, "labels": ["production"] if is_pinned else []}


def _steps(status: int, body: bytes) -> Steps:
    return whole(status, body, ("content-type", "application/json"))


@pytest.fixture
def server(demo_upstream, settings) -> ScriptedLangfuse:
    script = ScriptedLangfuse()
    demo_upstream.api.service = script.respond
    settings.ALLOWED_PRIVATE_UPSTREAMS = [urlsplit(demo_upstream.base_url).netloc]
    return script


@pytest.fixture
def form(demo_upstream, server) -> dict[str, str]:
    parts = urlsplit(demo_upstream.base_url)
    address = f"{parts.scheme}://{parts.netloc}/api/public/"
    return {"address": address, "public_key": PUBLIC, "secret_key": f" {SECRET} "}


@pytest.fixture
def url(workspace) -> str:
    return reverse("chat:import_prompts", args=[workspace.slug])


def test_all_prompts_of_a_project_are_fetched_and_stored(client_for, alice, url, form, server):
    client = client_for(alice)

    html = client.post(url, form).content.decode()

    assert "reply" in html and "a/b" in html and "versions" in html
    assert SECRET not in html
    assert not Prompt.objects.exists()
    text = posted_by(html)["text"][0]
    client.post(url, {"text": text, "import": "1", "chosen": ["0", "1"]})
    reply = Prompt.objects.get(name="reply")
    assert (reply.version, reply.production, reply.versions.count()) == (8, 7, 2)
    assert Prompt.objects.filter(name="a/b").exists()


def wrong_fields(changed: dict[str, str]) -> list[str]:
    return ["address"] if "address" in changed else ["public_key", "secret_key"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"secret_key": "wrong"}, "key"),
        ({"secret_key": ""}, "Enter both keys as Langfuse shows them."),
        ({"public_key": "a:b"}, "Enter both keys"),
        ({"secret_key": "ä"}, "Enter both keys"),
        ({"address": ""}, "not the address of a server"),
        ({"address": "ftp://example.org"}, "not the address of a server"),
        ({"address": "http://a:b@example.org"}, "not the address of a server"),
        ({"address": "http://[::1"}, "not the address of a server"),
        ({"address": "http://10.0.0.1"}, "private"),
    ],
)
def test_what_goes_wrong_is_said_beside_the_form(client_for, alice, url, form, changed, words):
    response = client_for(alice).post(url, {**form, **changed})
    html = response.content.decode()
    assert response.status_code == 422
    assert words in html
    assert re.findall(r'<input[^>]*name="(\w+)"[^>]*aria-invalid="true"', html) == wrong_fields(changed)
    assert SECRET not in html
    assert not Prompt.objects.exists()


@pytest.mark.parametrize(
    "answer", [(200, b"<html>"), (200, b"[]"), (200, b'{"data": 1}'), (500, b"{}"), (302, b"")]
)
def test_an_answer_of_another_kind_is_refused(client_for, alice, url, form, server, answer):
    server.instead = answer
    response = client_for(alice).post(url, form)
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()


def test_a_project_without_prompts_says_so(client_for, alice, url, form, server):
    server.instead = (200, b'{"data": []}')
    assert "has no prompts" in client_for(alice).post(url, form).content.decode()
