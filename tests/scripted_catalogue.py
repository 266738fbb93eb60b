"""A provider's catalogue for tests: a models list and one document for each model, over real HTTP.

def test_it_syncs(catalogue):
    catalogue.add("acme/one")
    …                                     # sync catalogue.provider
    catalogue.documents["acme/one"]["…"]  # change a document
    assert catalogue.paths == […]         # what was asked for
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from playground.models import Provider

Answer = Callable[["Handler"], None]


def body_for(model_id: str, **properties: Any) -> dict[str, Any]:
    """Return the document of a model with these parameters and temperature."""
    schema = {
        "type": "object",
        "properties": {
            "model": {"type": "string", "enum": [model_id]},
            "messages": {"type": "array", "items": {"type": "object"}},
            "temperature": {"type": "number", "minimum": 0, "maximum": 2},
            **properties,
        },
        "required": ["model", "messages"],
    }
    operation = {"requestBody": {"content": {"application/json": {"schema": schema}}}}
    return {"openapi": "3.0.0", "paths": {"/v1/chat/completions": {"post": operation}}}


class ScriptedCatalogue:
    """A server whose answers a test can replace: ``list_answer``, and ``document_answers`` by model id."""

    def __init__(self) -> None:
        self.models: dict[str, dict[str, Any]] = {}
        self.documents: dict[str, Any] = {}
        self.document_answers: dict[str, Answer] = {}
        self.list_answer: Answer | None = None
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]

    def add(self, model_id: str, document: Any = None, **entry: Any) -> dict[str, Any]:
        info = {"name": model_id, "developer": "Acme", "docsJson": self.document_url(model_id)}
        self.models[model_id] = {
            "id": model_id,
            "type": "openai/chat-completions",
            "aliases": [],
            "tags": [],
            "info": {**info, **entry.pop("info", {})},
            **entry,
        }
        self.documents[model_id] = document or body_for(model_id)
        return self.models[model_id]

    def document_url(self, model_id: str) -> str:
        return f"http://127.0.0.1:{self.port}/docs-json?model={quote(model_id, safe='')}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, handler: Handler) -> None:
        self.requests.append((handler.path, {name.lower(): text for name, text in handler.headers.items()}))
        parts = urlsplit(handler.path)
        if parts.path == "/v1/models":
            (self.list_answer or self._list)(handler)
        elif parts.path == "/docs-json":
            self._document(handler, parse_qs(parts.query)["model"][0])
        else:
            handler.send(404, b"{}")

    def _list(self, handler: Handler) -> None:
        content = json.dumps({"object": "list", "data": list(self.models.values())}).encode()
        etag = f'"{hashlib.sha256(content).hexdigest()}"'
        if handler.headers.get("If-None-Match") == etag:
            handler.send(304, b"")
        else:
            handler.send(200, content, ETag=etag)

    def _document(self, handler: Handler, model_id: str) -> None:
        if model_id in self.document_answers:
            self.document_answers[model_id](handler)
        elif isinstance(document := self.documents[model_id], bytes):
            handler.send(200, document)
        else:
            handler.send(200, json.dumps(document).encode())

    def _handler(self) -> type[Handler]:
        return type("_Handler", (Handler,), {"catalogue": self})


class Handler(BaseHTTPRequestHandler):
    catalogue: ScriptedCatalogue
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.catalogue.answer(self)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            # The client has closed the connection before the end.
            self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def catalogue(settings) -> Iterator[ScriptedCatalogue]:
    scripted = ScriptedCatalogue()
    settings.ALLOWED_PRIVATE_UPSTREAMS = [f"127.0.0.1:{scripted.port}"]
    yield scripted
    scripted.close()


@pytest.fixture
def aimlapi(db, catalogue) -> Provider:
    """Return the provider AI/ML API with the scripted catalogue's address."""
    return Provider.objects.create(
        code="aimlapi", name="AI/ML API", kind=Provider.Type.AIMLAPI, base_url=catalogue.base_url
    )
