"""The management of keys of AI/ML API as a script, in its documented shapes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from playground.demo.api import HttpRequest
from playground.demo.steps import Cut, Head, Steps, Write, whole

MANAGEMENT_KEY = "00m4nag3m3nt0123456789abcdef"
# The secrets of the keys that are made, one after another; a prefix is the first 8 characters.
SECRETS = [f"{number:08d}c4n4ry0123456789abcdef01" for number in range(1, 9)]


@dataclass
class ScriptedKeys:
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    # The answers to the next requests of a method, instead of the right ones: a status with a body; 0 cuts.
    refusals: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    # Fields of new keys that differ from those that were asked for.
    instead: dict[str, Any] = field(default_factory=dict)
    made: int = 0
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    def refuse(self, method: str, status: int, body: bytes = b"{}") -> None:
        self.refusals.setdefault(method, []).append((status, body))

    def respond(self, request: HttpRequest) -> Steps | None:
        if request.path != "/v1/keys" and not request.path.startswith("/v1/keys/"):
            return None
        prefix = request.path.removeprefix("/v1/keys").strip("/")
        body: Any = json.loads(request.body) if request.body else None
        self.asked.append((request.method, prefix, body))
        if self.refusals.get(request.method):
            return _steps(*self.refusals[request.method].pop(0))
        if request.headers.get("authorization") != f"Bearer {MANAGEMENT_KEY}":
            return _steps(401, b'{"message": "Unauthorized"}')
        if request.method == "GET":
            return _data(list(self.keys.values()))
        if request.method == "POST":
            return _data(self._make(body))
        if prefix not in self.keys:
            return _steps(404, b'{"message": "Not found"}')
        if request.method == "DELETE":
            del self.keys[prefix]
            return _data({"prefix": prefix, "deleted": True})
        self.keys[prefix] |= body
        return _data(self.keys[prefix])

    def _make(self, body: dict[str, Any]) -> dict[str, Any]:
        secret = SECRETS[self.made]
        self.made += 1
        row = {"prefix": secret[:8], "disabled": False, "scopes": None, "monthly_usage": 0, **body}
        row |= {"created_at": "2026-02-18T06:59:10.031Z", "updated_at": "2026-02-18T06:59:10.031Z"}
        row |= {name: value for name, value in self.instead.items() if name != "key"}
        self.keys[row["prefix"]] = row
        return {**row, "key": self.instead.get("key", secret)}


def _data(found: object) -> Steps:
    return _steps(200, json.dumps({"data": found}).encode())


def _steps(status: int, body: bytes) -> Steps:
    if not status:
        return iter([Head(200, (("content-type", "application/json"),)), Write(body), Cut()])
    kind = "text/html" if body.startswith(b"<") else "application/json"
    return whole(status, body, ("content-type", kind))
