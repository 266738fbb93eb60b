"""The ASGI application: pages, websockets, and the start and end of the relays."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import WebsocketDenier
from channels.sessions import CookieMiddleware
from django.conf import settings
from django.urls import path

from chat.flows.reap_runs import reap_runs
from chat.live.database_threads import in_database
from chat.relays import background
from chat.sockets.consumer import PageConsumer
from playground.log_lines import wrong_origin

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

logger = logging.getLogger(__name__)

websocket_urlpatterns = [
    path("ws/", PageConsumer.as_asgi()),
    path("ws/c/<uuid:code>/", PageConsumer.as_asgi()),
]


def application(http: Application) -> Application:
    """Return the whole ASGI application: ``http`` for pages, :class:`PageConsumer` for websockets."""
    websocket = _from_our_pages(CookieMiddleware(URLRouter(websocket_urlpatterns)))
    by_protocol = ProtocolTypeRouter({"http": http, "websocket": websocket})

    async def serve(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _run_lifespan(receive, send)
            return
        background.attach(asyncio.get_running_loop())
        await by_protocol(scope, receive, send)

    return serve


def _from_our_pages(websocket: Application) -> Application:
    """Refuse the websockets of other sites' pages: browsers let every page open them, with our cookies."""

    async def serve(scope: dict[str, Any], receive: Any, send: Any) -> None:
        origin = dict(scope.get("headers", ())).get(b"origin", b"").decode("latin1")
        if origin in settings.ALLOWED_ORIGINS:
            await websocket(scope, receive, send)
        else:
            logger.warning("A websocket from origin %r was refused. %s", origin[:100], wrong_origin())
            await WebsocketDenier()(scope, receive, send)

    return serve


async def _run_lifespan(receive: Any, send: Any) -> None:
    """Start and drain the relays, for servers with the lifespan protocol. ``manage.py serve`` does the same.

    https://asgi.readthedocs.io/en/latest/specs/lifespan.html
    """
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await in_database(reap_runs)
            background.attach(asyncio.get_running_loop())
            await send({"type": "lifespan.startup.complete"})
        else:
            await background.drain()
            await send({"type": "lifespan.shutdown.complete"})
            return
