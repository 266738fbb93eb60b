"""Written code, executed against a scripted upstream: the same JSON arrives from every form."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from playground.code.writing import WRITERS
from playground.code.writing.openai_calls import CHAT, RESPONSES
from tests.playground.code_corpus import VERSION, corpus, same

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "sk-test-it's"
FORMS = dict(zip(("curl", "python-httpx", "python-openai", "js-fetch", "js-openai"), WRITERS, strict=True))
NODE = shutil.which("node")
# A folder in which "openai" was installed by npm.
NODE_OPENAI = os.environ.get("NODE_OPENAI", "")

WHOLE = {
    "chat/completions": {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Yes."}}]},
    "responses": {"id": "r", "output": [], "object": "response"},
    "messages": {"type": "message", "content": [{"type": "text", "text": "Yes."}]},
}
STREAMED: dict[str, list[dict[str, Any]]] = {
    "chat/completions": [
        {"choices": [{"index": 0, "delta": {"content": "Yes."}}]},
        {"choices": [], "usage": {}},
    ],
    "responses": [
        {"type": "response.output_text.delta", "delta": "Yes."},
        {"type": "response.completed", "response": {}},
    ],
    "messages": [{"type": "message_start", "message": {}}, {"type": "message_stop"}],
}


class Upstream(ThreadingHTTPServer):
    """Keeps the body and the headers of each request by its path, and answers as the endpoint does."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: dict[str, tuple[bytes, dict[str, str]]] = {}
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def base_url(self, form: str, number: int) -> str:
        return f"http://127.0.0.1:{self.server_port}/{form}/{number}/v1"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received[self.path] = data, headers
        kind = self.path.split("/v1/", 1)[1]
        if json.loads(data).get("stream") is True:
            events = [
                f"event: {each.get('type', 'message')}\ndata: {json.dumps(each)}\n\n"
                for each in STREAMED[kind]
            ]
            answer, media_type = "".join(events).encode(), "text/event-stream"
        else:
            answer, media_type = json.dumps(WHOLE[kind]).encode(), "application/json"
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    yield server
    server.shutdown()
    server.server_close()


# Each runner executes all programs of a form in one process, in the folder of their files.
RUN_PYTHON = """
import os, ssl, sys
# Loading the authorities takes longer than a request, which needs none here.
ssl.SSLContext.load_verify_locations = lambda *_, **__: None
for folder in sys.argv[1:]:
    os.chdir(folder)
    with open("request.py", encoding="utf-8") as code:
        exec(compile(code.read(), folder, "exec"), {"__name__": "__main__"})
"""
RUN_NODE = """
for (const folder of process.argv.slice(2)) {
  process.chdir(folder);
  await import(`${folder}/request.mjs`);
}
"""
RUN_SHELL = 'for folder in "$@"; do cd "$folder" && sh ./request.sh || exit 1; done'


@pytest.mark.parametrize("form", FORMS)
def test_it_sends_exactly_the_body(form, upstream, tmp_path):
    cases = corpus()
    assert len(cases) >= 200
    folders = []
    for number, case in enumerate(cases):
        code = FORMS[form](case.at(upstream.base_url(form, number)))
        folder = tmp_path / str(number)
        folder.mkdir()
        folders.append(str(folder))
        (folder / code.file_name).write_text(code.text, encoding="utf-8")
        for name, data in case.files.items():
            (folder / name).write_bytes(data)
    run(form, folders, tmp_path)
    for number, case in enumerate(cases):
        data, headers = upstream.received[f"/{form}/{number}/v1/{case.kind}"]
        assert same(json.loads(data), case.sent), f"{form} {number}: {folders[number]}"
        assert headers["authorization"] == f"Bearer {KEY}"
        assert headers["content-type"] == "application/json"
        assert case.kind != "messages" or headers.items() >= VERSION.items()


def run(form: str, folders: list[str], place: Path) -> None:
    """Execute the programs of a form, or skip the test where this machine lacks what runs them."""
    if form == "curl":
        if not shutil.which("curl"):
            pytest.skip("No curl found.")
        command = ["sh", "-c", RUN_SHELL, "run"]
    elif form.startswith("python"):
        command = [sys.executable, "-c", RUN_PYTHON]
    else:
        if not NODE:
            pytest.skip("No Node found.")
        if form == "js-openai":
            if not NODE_OPENAI:
                pytest.skip("NODE_OPENAI names no folder in which npm has installed openai.")
            (place / "node_modules").symlink_to(Path(NODE_OPENAI).resolve() / "node_modules")
        (place / "run.mjs").write_text(RUN_NODE, encoding="utf-8")
        command = [NODE, str(place / "run.mjs")]
    environment = {**os.environ, "AIMLAPI_API_KEY": KEY, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(
        [*command, *folders], env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr[-3_000:]


def test_the_sdk_has_the_parameters_that_are_written_by_name():
    from openai import OpenAI

    client = OpenAI(api_key="none")
    for call, method in ((CHAT, client.chat.completions.create), (RESPONSES, client.responses.create)):
        assert call.known <= inspect.signature(method).parameters.keys()
