"""An upstream for tests: the demo server without pauses, with a record of requests, reset after each test.

    def test_it_stops(demo_upstream):
        gate = demo_upstream.hold_after(3)      # every stream waits after its third token
        …                                       # start a run on the demo provider
        assert gate.reached.wait(5)
        …                                       # stop it
        assert demo_upstream.requests[-1].ended.wait(5)
        assert demo_upstream.requests[-1].disconnected_at

Besides the demo models it plays ``scripted/<scenario>``; see ``playground.demo.scenarios``.
"""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from playground.demo.server import DemoServer, shared


@pytest.fixture
def demo_upstream() -> Iterator[DemoServer]:
    """Yield the shared demo server: without pauses, with a record of requests and a fixed random seed."""
    server = shared()
    server.speed = 0
    server.remember(1000)
    server.api.entropy = random.Random(1)
    yield server
    if server.stage.gate is not None:
        server.stage.gate.release()
    server.stage.gate = None
    server.speed = 1
    server.remember(0)
    server.api.entropy = random.SystemRandom()
    server.api.rate = server.api.required_key = server.api.service = None


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Yield a port of this machine that refuses connections, because it is taken and nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def chat_body(model: str, prompt: str = "Tell me about kettles.", **parameters: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": prompt}], **parameters}


def payloads(stream: bytes) -> list[Any]:
    """Return the JSON payloads of a stream in the form that the demo writes."""
    lines = [line.removeprefix(b"data: ") for line in stream.split(b"\n") if line.startswith(b"data: ")]
    return [json.loads(line) for line in lines if line != b"[DONE]"]


def joined(chunks: list[Any], key: str = "content") -> str:
    """Return the whole text of the first choice."""
    deltas = [choice["delta"] for chunk in chunks for choice in chunk.get("choices", ())]
    return "".join(delta.get(key) or "" for delta in deltas)
