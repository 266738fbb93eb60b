"""A page as the socket sees it: applies frames, acknowledges them, remembers what it was sent."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings

from accounts.time_zones import COOKIE
from chat.relays import background
from chat.sockets.routing import application

if TYPE_CHECKING:
    from accounts.models import User

ORIGIN = b"http://localhost:8000"


async def _no_http(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("Only websockets here.")


class SocketReader:
    def __init__(self, communicator: WebsocketCommunicator, *, was_accepted: bool) -> None:
        self.communicator = communicator
        self.was_accepted = was_accepted
        self.frames: list[dict[str, Any]] = []

    @classmethod
    async def open(
        cls, client: Any, code: object = None, *, origin: bytes = ORIGIN, time_zone: str = ""
    ) -> SocketReader:
        """Open the socket of a conversation's page, or without a code that of a page of several threads."""
        own = background._supervisor
        assert own and own.loop is asyncio.get_running_loop(), "The fixture relays ends what a socket starts."
        cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
        value = f"{settings.SESSION_COOKIE_NAME}={cookie.value}" if cookie else ""
        value += f"; {COOKIE}={time_zone}" if time_zone else ""
        communicator = WebsocketCommunicator(
            application(_no_http),
            f"/ws/c/{code}/" if code else "/ws/",
            headers=[(b"cookie", value.encode()), (b"origin", origin)],
        )
        was_accepted, _ = await communicator.connect(timeout=5)
        return cls(communicator, was_accepted=was_accepted)

    async def hello(self, head: str = "", cursors: dict[str, str] | None = None) -> None:
        await self.send({"type": "hello", "head": head, "cursors": cursors or {}})

    async def hello_threads(self, *threads: dict[str, Any]) -> None:
        """Say what the page has of several conversations: for each a ``code``, ``head`` and ``cursors``."""
        await self.send({"type": "hello", "threads": threads})

    async def send(self, command: object) -> None:
        await self.communicator.send_to(text_data=json.dumps(command))

    async def frame(self, *, acknowledge: bool = True) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self.communicator.receive_from(timeout=10))
        self.frames.append(frame)
        if acknowledge and frame["ack"]:
            await self.send({"type": "ack", "n": frame["n"]})
        return frame

    async def read_until(self, text: str) -> str:
        """Read frames until one of them holds ``text``; return them all as one string."""
        seen = ""
        while text not in seen:
            seen += (await self.frame())["html"]
        return seen

    async def read_to_end(self, code: str = "") -> None:
        """Read frames until the last one holds an answer that has finished, that of the message ``code``.

        An answer that ends while its turn is rendered is sent twice: a page with several answers names one.
        """
        while not self.frames or not self._is_end(self.frames[-1]["html"], code):
            await self.frame()

    def _is_end(self, html: str, code: str) -> bool:
        return 'data-status="finished"' in html and code in html

    async def closed_with(self) -> int:
        while True:
            message = await self.communicator.receive_output(timeout=10)
            if message["type"] == "websocket.close":
                return int(message["code"])

    async def close(self) -> None:
        await self.communicator.disconnect(timeout=5)


async def client_of(client_for: Any, user: User) -> Any:
    return await sync_to_async(client_for)(user)
