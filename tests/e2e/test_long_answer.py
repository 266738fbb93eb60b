"""An answer whose last frame is larger than anything that a browser may send."""

from __future__ import annotations

import json

from websockets.sync.client import connect
from websockets.typing import Origin

from bench.reader import Reader
from tests.e2e.visitor import Visitor
from tests.installation import Installation

TOKENS = 12_000
MODEL = f"scripted/long?tokens={TOKENS}"
_ADD_MODEL = f"""
from playground.models import Endpoint, Provider, UpstreamModel
provider = Provider.objects.get(code="scripted")
model = UpstreamModel.objects.create(
    provider=provider, model_id="{MODEL}", name="Long", input_price=1, output_price=1)
schema = {{"type": "object", "properties": {{
    "model": {{"type": "string"}}, "messages": {{"type": "array"}}, "stream": {{"type": "boolean"}}}}}}
Endpoint.objects.create(model=model, request_schema=schema, schema_digest="long")
"""


def test_it_reaches_the_page_whole(installation: Installation):
    installation.manage("shell", "-v", "0", "-c", _ADD_MODEL)
    visitor = Visitor(installation)
    visitor.sign_in()
    code = visitor.start("Count", MODEL).strip("/").split("/")[-1]
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.http.cookies.items())
    reader, largest = Reader(TOKENS), 0
    with connect(
        f"ws://localhost:{installation.port}/ws/c/{code}/",
        origin=Origin(installation.origin),
        additional_headers={"Cookie": cookies},
        max_size=None,
    ) as socket:
        socket.send(json.dumps({"type": "hello", "head": "", "cursors": {}}))
        while not reader.is_done:
            text = socket.recv(timeout=30)
            largest = max(largest, len(text))
            frame = json.loads(text)
            socket.send(json.dumps({"type": "ack", "n": frame["n"]}))
            reader.take(frame["html"])
    assert reader.is_whole
    assert largest > 64 * 1024
