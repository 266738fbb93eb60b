"""A minimal relay to compare the product with: daphne, channels and httpx only.

No database, no rendering, no limits, no log: text goes out as it came, every 50 ms. Each socket
starts its own stream: ``/<model id>``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import uuid
from typing import ClassVar
from urllib.parse import unquote

import httpx
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

FRAME_SECONDS = 0.05


class Relay(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    base_url: ClassVar[str]
    # The first socket makes the client, on the server's loop.
    client: ClassVar[httpx.AsyncClient | None] = None

    async def connect(self) -> None:
        await self.accept()
        self.pieces: list[str] = []
        self.run = str(uuid.uuid4())
        self.is_done = False

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        message = json.loads(text_data or "{}")
        if message.get("type") == "hello":
            model = unquote(self.scope["path"].lstrip("/"))
            self.tasks = [asyncio.create_task(self.read(model)), asyncio.create_task(self.write())]

    async def read(self, model: str) -> None:
        if Relay.client is None:
            limits = httpx.Limits(max_connections=1000)
            Relay.client = httpx.AsyncClient(timeout=60, limits=limits, trust_env=False, verify=False)
        body = {"model": model, "stream": True, "messages": [{"role": "user", "content": "Go."}]}
        address = f"{self.base_url}/chat/completions"
        async with Relay.client.stream("POST", address, json=body) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    for choice in json.loads(line[6:])["choices"]:
                        self.pieces.append(choice["delta"].get("content", ""))
        self.is_done = True

    async def write(self) -> None:
        number = 0
        while not self.is_done or self.pieces:
            if self.pieces:
                number += 1
                text, self.pieces = "".join(self.pieces), []
                html = f'<div hx-swap-oob="beforeend:#run-{self.run}-blocks">{text}</div>'
                await self.send(text_data=json.dumps({"n": number, "html": html}))
            await asyncio.sleep(FRAME_SECONDS)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--base-url", required=True)
    arguments.add_argument("--port", type=int, required=True)
    given = arguments.parse_args()
    settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}})

    # Importing it installs a reactor, which has to come after the settings.
    from daphne.server import Server

    endpoints = [f"tcp:port={given.port}:interface=127.0.0.1"]
    Relay.base_url = given.base_url
    Server(ProtocolTypeRouter({"websocket": Relay.as_asgi()}), endpoints=endpoints, verbosity=0).run()


if __name__ == "__main__":
    main()
