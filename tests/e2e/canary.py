"""Secrets that are easy to find, an upstream that repeats them, and a visitor that keeps all it hears."""

from __future__ import annotations

import base64
import html
import json
import re
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from django.urls import Resolver404, resolve
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.e2e.visitor import Visitor

if TYPE_CHECKING:
    from tests.installation import Installation

MARK = "c4n4ry"
# It has no prefix by which keys are recognised: only code that knows the key itself can mask it.
KEY = f"00{MARK}0123456789abcdefghijklmnopqrst"
_ENDED = re.compile('data-status="(finished|failed|stopped|interrupted)"')
_LINK = re.compile(r'(?:href|src|hx-get|data-[a-z-]*url)="(/[^"#]*)')
# Pages of one kind are alike, so a walk opens no more of them.
_OF_A_KIND = 3


def _in_base64(text: str, shift: int) -> str:
    """Return the part of encoded ``text`` that is the same whatever ``shift`` bytes stand before it."""
    encoded = base64.b64encode(b"x" * shift + text.encode()).decode()
    return encoded[(8 * shift + 5) // 6 : 8 * (shift + len(text)) // 6]


def shapes_of(secret: str) -> set[str]:
    """Return a secret as text, as bytes in an SQL dump, and as base64."""
    as_hex = secret.encode().hex()
    return {secret, as_hex, as_hex.upper(), *(_in_base64(secret, shift) for shift in range(3))}


def found_in(places: dict[str, str], *secrets: str) -> list[str]:
    """Return the places that show one of the secrets, or the mark."""
    shapes = {shape for secret in (MARK, *secrets) for shape in shapes_of(secret)}
    return sorted(place for place, text in places.items() if any(shape in text for shape in shapes))


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


class Witness(Visitor):
    """A visitor that keeps everything the server sends, but the cookie of its own session."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation)
        self.heard: dict[str, str] = {}
        self.http.event_hooks["response"].append(self._hear)

    def _hear(self, response: Any) -> None:
        response.read()
        name = f"{len(self.heard)} {response.request.method} {response.request.url.path}"
        headers = [f"{key}: {value}" for key, value in response.headers.items() if key != "set-cookie"]
        self.heard[name] = "\n".join((*headers, response.content.decode("latin1")))

    @property
    def session(self) -> str:
        return str(self.http.cookies["sessionid"])

    def post(self, path: str, status: int = 302, **data: Any) -> Any:
        """Post a form without scripts; return the answer."""
        answer = self._post(path, data, htmx=False)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:3000]}"
        return answer

    def store_key(self, key: str, whose: str = "mine", status: int = 302) -> None:
        self.post(f"/w/acme-research/keys/{whose}/scripted/save/", status, secret=key)

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
                has_ended = has_ended or bool(_ENDED.search(frame.get("html", "")))
            assert has_ended

    def walk(self, *start: str) -> set[str]:
        """Open pages and everything that they link to, some of each kind; return the names of all URLs."""
        waiting, seen, counts = list(start), set(start), dict[Any, int]()
        names = set()
        while waiting:
            path = waiting.pop(0)
            answer = self.http.get(path, headers={"HX-Request": "false"})
            assert answer.status_code < 500, path
            if answer.status_code < 400:
                names.add(resolve(path.partition("?")[0]).view_name)
            if not answer.headers.get("content-type", "").startswith("text/html"):
                continue
            for found in map(html.unescape, _LINK.findall(answer.text)):
                kind = _kind_of(found)
                if kind and found not in seen and counts.get(kind, 0) < _OF_A_KIND:
                    counts[kind] = counts.get(kind, 0) + 1
                    seen.add(found)
                    waiting.append(found)
        return names


def _kind_of(link: str) -> Any:
    """Return what links to pages that are alike have in common, or None for one that is not a page."""
    path, _, query = link.partition("?")
    try:
        found = resolve(path)
    except Resolver404:
        return None
    words = [value for name, value in found.kwargs.items() if name in {"word", "whose"}]
    forms = [part for part in query.split("&") if part.startswith(("as=", "form="))]
    return (found.view_name, *words, *forms, *sorted(re.findall(r"(?:^|&)(\w+)=", query)))


def wait_for_the_end(installation: Installation) -> None:
    deadline = time.monotonic() + 60
    while installation.query("Run.objects.filter(finished_at=None).count()"):
        assert time.monotonic() < deadline
        time.sleep(0.2)
