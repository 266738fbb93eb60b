"""The time to import the catalogue: documents from files, and a sync with a provider.

python -m bench.imports [--documents FOLDER] [--models 500]

The folder is one of published OpenAPI documents; without it only the sync is measured.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from bench.figures import report
from bench.processes import ROOT, environment, run
from playground.demo.models import demo_models

DOCUMENTS = ROOT.parent / "shared" / "upstream" / "openapi"
_POINT_AT = """
from playground.models import Provider
Provider.objects.filter(code="aimlapi").update(base_url=%r)
"""
# With an ETag the second sync would skip the work to be measured.
_FORGET_ETAG = """
from playground.models import CatalogueSync
CatalogueSync.objects.update(etag="")
"""


@contextmanager
def provider(models: int) -> Iterator[str]:
    """Serve a provider with that many models, each with a document of usual size; yield its base URL."""
    answers: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = answers[parse_qs(parts.query)["model"][0] if parts.path == "/docs-json" else "list"]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    origin = f"http://127.0.0.1:{server.server_address[1]}"
    entries = []
    for number in range(models):
        model_id = f"bench/model-{number}"
        answers[model_id] = json.dumps(document(model_id)).encode()
        info = {
            "name": model_id,
            "developer": "Bench",
            "docsJson": f"{origin}/docs-json?model={quote(model_id, '')}",
        }
        entries.append(
            {"id": model_id, "type": "openai/chat-completions", "aliases": [], "info": info, "tags": []}
        )
    answers["list"] = json.dumps({"object": "list", "data": entries}).encode()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{origin}/v1"
    finally:
        server.shutdown()
        server.server_close()


def document(model_id: str) -> dict[str, object]:
    """Return a document that gives one model all parameters of the demo's models."""
    schemas = [model["schema"] for model in demo_models()]
    properties = {name: child for schema in schemas for name, child in schema["properties"].items()}
    definitions = {name: child for schema in schemas for name, child in schema.get("$defs", {}).items()}
    body = {
        "type": "object",
        "properties": {**properties, "model": {"type": "string", "enum": [model_id]}},
        "required": ["model", "messages"],
        "$defs": definitions,
    }
    operation = {"requestBody": {"content": {"application/json": {"schema": body}}}}
    return {"openapi": "3.1.0", "paths": {"/v1/chat/completions": {"post": operation}}}


def timed(words: list[str], variables: dict[str, str]) -> tuple[float, str]:
    """Return the seconds of a management command, with the start of its process, and its last line."""
    started = time.monotonic()
    lines = run(["manage.py", *words], variables).splitlines()
    return time.monotonic() - started, lines[-1]


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--documents", type=Path, default=DOCUMENTS, help="a folder of OpenAPI documents")
    arguments.add_argument("--models", type=int, default=500, help="models of the scripted provider")
    arguments.add_argument("--smoke", action="store_true", help="few models, no documents")
    given = arguments.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        variables = environment(DATA_DIR=folder, ALLOWED_PRIVATE_UPSTREAMS="127.0.0.1/32")
        run(["manage.py", "prepare"], variables)
        if not given.smoke:
            _measure_import(given.documents, variables)
        _measure_sync(20 if given.smoke else given.models, variables)


def _measure_import(folder: Path, variables: dict[str, str]) -> None:
    if not folder.is_dir():
        report("import.all_documents", None, "s")
        return
    count = sum(1 for _ in folder.rglob("*.json"))
    seconds, summary = timed(["import_openapi", str(folder)], variables)
    _expect(summary, f"documents {count}, imported {count},")
    report("import.all_documents", seconds, "s")
    seconds, _ = timed(["import_openapi", str(folder)], variables)
    report("import.all_documents.again", seconds, "s")


def _measure_sync(models: int, variables: dict[str, str]) -> None:
    with provider(models) as base_url:
        run(["manage.py", "shell", "-v", "0", "-c", _POINT_AT % base_url], variables)
        seconds, summary = timed(["sync_catalogue"], variables)
        _expect(summary, f"models {models}, added {models},")
        report(f"sync.{models}_models", seconds, "s")
        run(["manage.py", "shell", "-v", "0", "-c", _FORGET_ETAG], variables)
        seconds, summary = timed(["sync_catalogue"], variables)
        _expect(summary, f"models {models}, added 0, changed 0, retired 0, refused 0")
        report(f"sync.{models}_models.again", seconds, "s")


def _expect(summary: str, beginning: str) -> None:
    if not summary.startswith(beginning):
        raise SystemExit(f"Expected “{beginning}”, got “{summary}”.")


if __name__ == "__main__":
    main()
