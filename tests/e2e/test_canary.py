"""A search for a provider's key everywhere, after it was stored through the page and used."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.e2e.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.installation import Installation

MARK = "c4n4ry"
# It has no prefix by which keys are recognised: only code that knows the key itself can mask it.
KEY = f"00{MARK}0123456789abcdefghijklmnopqrst"


def in_base64(text: str, shift: int) -> str:
    """Return the part of encoded ``text`` that is the same whatever ``shift`` bytes stand before it."""
    encoded = base64.b64encode(b"x" * shift + text.encode()).decode()
    return encoded[(8 * shift + 5) // 6 : 8 * (shift + len(text)) // 6]


# The mark as text, as bytes in an SQL dump, and as base64.
SHAPES = {
    MARK,
    MARK.encode().hex(),
    MARK.encode().hex().upper(),
    *(in_base64(MARK, shift) for shift in range(3)),
}
ENDED = re.compile('data-status="(finished|failed|stopped|interrupted)"')
PAGES = ("keys", "people", "limits", "providers", "usage", "usage/all", "")


class Echo(BaseHTTPRequestHandler):
    """An upstream that repeats the key everywhere in its error, as some providers do."""

    seen: list[str]

    def _complain(self) -> None:
        key = self.headers.get("Authorization", "")
        self.seen.append(key)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.close_connection = True
        body = json.dumps({"error": {"message": f"Incorrect API key provided: {key}.", "code": key}}).encode()
        self.send_response(401, "Unauthorised")
        for name, value in (
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("x-inference-id", key),
            ("x-request-id", key),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _complain

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[ThreadingHTTPServer]:
    Echo.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Witness(Visitor):
    """A visitor that keeps everything the server sends."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation)
        self.heard: dict[str, str] = {}
        self.http.event_hooks["response"].append(self._hear)

    def _hear(self, response) -> None:
        response.read()
        name = f"{len(self.heard)} {response.request.method} {response.request.url.path}"
        self.heard[name] = f"{response.headers}\n{response.text}"

    def watch(self, path: str) -> None:
        """Follow a conversation over its socket until its answer has ended and nothing more comes."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        url = f"{self.installation.origin.replace('http', 'ws')}/ws{path}"
        with connect(
            url, additional_headers={"Cookie": cookies}, origin=Origin(self.installation.origin)
        ) as socket:
            socket.send(json.dumps({"type": "hello", "head": "", "cursors": {}}))
            has_ended = False
            while True:
                try:
                    text = str(socket.recv(timeout=0.5 if has_ended else 60))
                except TimeoutError:
                    break
                self.heard[f"{len(self.heard)} frame of {path}"] = text
                frame = json.loads(text)
                socket.send(json.dumps({"type": "ack", "n": frame.get("n", 0)}))
                has_ended = has_ended or bool(ENDED.search(frame.get("html", "")))
            assert has_ended

    def look_at_what_went_over_the_wire(self) -> None:
        """Open the pages of kept exchanges, which may show the last four letters of the key."""
        for code in self.installation.query(
            "[str(code) for code in Run.objects.values_list('code', flat=True)]"
        ):
            page = self.http.get(f"/r/{code}/exchanges/").text
            assert f"Bearer …{KEY[-4:]}" in page
            for file in ("raw", "file"):
                assert self.http.get(f"/r/{code}/exchanges/1/{file}/").status_code == 200

    def store_key(self, key: str):
        return self._post("/w/acme-research/keys/mine/scripted/save/", {"secret": key}, htmx=False)


def dump(folder: Path) -> str:
    connection = sqlite3.connect(folder / "playground.sqlite3")
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


def wait_for_the_end(installation: Installation) -> None:
    deadline = time.monotonic() + 60
    while installation.query("Run.objects.filter(finished_at=None).count()"):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def found_in(places: dict[str, str]) -> list[str]:
    return [place for place, text in places.items() for shape in SHAPES if shape in text]


def test_it_would_be_found():
    encoded = [base64.b64encode(b"x" * shift + KEY.encode()).decode() for shift in range(3)]
    for text in (KEY, f"X'{KEY.encode().hex().upper()}'", *encoded):
        assert found_in({"here": text}), text


def test_a_key_is_nowhere_but_in_the_call(installation: Installation, upstream, echo):
    visitor = Witness(installation)
    visitor.sign_in()
    assert visitor.store_key(f"{KEY} with spaces").status_code == 200
    assert visitor.store_key(KEY).status_code == 302

    for prompt, model in (
        ("Tell me about rivers", "demo/plain"),
        ("unauthorised", "demo/failing"),
        ("rate limited", "demo/failing"),
        ("html", "demo/failing"),
        ("cut", "demo/failing"),
    ):
        visitor.watch(visitor.start(prompt, model))
    sent = [dict(request.headers).get("authorization", "") for request in upstream.requests]
    assert f"Bearer {KEY}" in sent, "the run did not use the stored key, so this test proves nothing"

    host, port = echo.server_address[:2]
    installation.manage(
        "shell",
        "-c",
        "from playground.models import Provider\n"
        f"Provider.objects.filter(code='scripted').update(base_url='http://{host!s}:{port}/v1')",
    )
    visitor.store_key(KEY)
    visitor.http.get("/w/acme-research/keys/")
    refused = visitor.start("Tell me about rivers", "demo/plain")
    visitor.watch(refused)
    assert f"Bearer {KEY}" in Echo.seen
    wait_for_the_end(installation)

    visitor.http.get(refused)
    visitor.look_at_what_went_over_the_wire()
    for page in PAGES:
        visitor.http.get(f"/w/acme-research/{page}/".replace("//", "/"))
    visitor.http.get("/nothing/")
    visitor.http.close()
    installation.stop()

    log = installation.log.read_text(encoding="utf-8")
    folder = Path(installation.environment["DATA_DIR"])
    assert found_in({**visitor.heard, "log": log, "database": dump(folder)}) == []
    files = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert [name for name, content in files.items() if MARK.encode() in content] == []
