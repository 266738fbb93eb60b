from __future__ import annotations

import asyncio
import gc
import logging
import resource
from typing import Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from chat.flows.reap_runs import reap_runs
from chat.relays import background
from playground import heap

logger = logging.getLogger(__name__)

# Seconds after DRAIN_SECONDS in which the answers are stored.
ENDING_SECONDS = 10.0
# Connections that the system keeps until they are accepted. After a restart hundreds of pages come back at
# the same moment; those without a place try again after one, three, seven seconds. Twisted's default is 50.
BACKLOG = 1024
# Connections that are accepted in a turn of the event loop. Hundreds may come back at once, each takes a
# millisecond, and frames of running answers leave between two turns.
ACCEPTED_AT_ONCE = 4
# The longest head of a request, in bytes.
MOST_HEADERS = 64 * 1024


class Command(BaseCommand):
    help = "Serve the playground with daphne on HOST and PORT."
    # The application itself refuses to start.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        heap.keep_small()
        server = server_class()
        # daphne's import has installed this reactor.
        from twisted.internet import reactor

        raise_file_limit()
        application = import_string(settings.ASGI_APPLICATION)
        reap_runs()
        spare_the_collector()
        cast("Any", reactor).callWhenRunning(lambda: background.attach(asyncio.get_event_loop()))
        self.stdout.write(f"Serving on {settings.PUBLIC_ORIGIN} (Ctrl+C stops)")
        server(
            application,
            endpoints=[endpoint(settings.HOST, settings.PORT)],
            # Sockets end with the session or the page, not by age: a page takes a clean close by age
            # for the end.
            websocket_timeout=-1,
            ping_interval=20,
            ping_timeout=30,
            websocket_max_message_size=64 * 1024,
            websocket_max_frame_size=64 * 1024,
            # Draining closes the sockets, so no longer wait is needed.
            application_close_timeout=2,
            verbosity=0,
            server_name="",
        ).run()


def server_class() -> Any:
    """Return daphne's server with our requests and sockets, which is drained before it ends."""
    # The import of daphne's server installs its reactor, so only this command imports it.
    from autobahn.websocket import protocol
    from daphne import http_protocol
    from daphne.server import Server, twisted_loop
    from daphne.ws_protocol import WebSocketFactory
    from twisted.internet import defer, tcp
    from twisted.web.http import HTTPChannel

    from chat.management.request_protocol import LimitedRequest, with_size
    from chat.management.socket_protocol import SocketProtocol, limited, with_socket

    WebSocketFactory.protocol = SocketProtocol
    http_protocol.WebRequest = LimitedRequest
    # Twisted begins with a hundred, and accepts twenty more each time.
    cast("Any", tcp.Port).numberAccepts = property(lambda _: ACCEPTED_AT_ONCE, lambda *_: None)
    # autobahn arranges its settings in lines for each connection, also where they are not logged.
    cast("Any", protocol).pformat = str
    # A link that is too long gets a page that says so, where 16 KB would only close the connection.
    HTTPChannel.totalHeadersSize = HTTPChannel.MAX_LENGTH = MOST_HEADERS

    class DrainingServer(Server):  # type: ignore[misc]  # daphne has no types
        def __init__(self, application: Any, **options: Any) -> None:
            super().__init__(limited(application), **options)

        def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
            return super().create_application(protocol, with_size(protocol, with_socket(protocol, scope)))

        def kill_all_applications(self) -> Any:
            draining = asyncio.ensure_future(_drain(), loop=twisted_loop)
            kill = super().kill_all_applications
            return defer.Deferred.fromFuture(draining).addCallback(lambda _: kill())

    return DrainingServer


def spare_the_collector() -> None:
    """Exclude all loaded objects, mostly code, from garbage collection.

    They stay until the end. With them, a full collection would stop the loop, and every stream, for a
    tenth of a second.
    """
    gc.collect()
    gc.freeze()


def raise_file_limit() -> None:
    """Raise the soft limit on open files to the hard one: every socket and stream is an open file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _drain() -> None:
    from twisted.internet import reactor, tcp

    # New connections go to other processes, or wait for the restart.
    for reader in cast("Any", reactor).getReaders():
        if isinstance(reader, tcp.Port):
            cast("Any", reader).stopListening()
    try:
        async with asyncio.timeout(settings.DRAIN_SECONDS + ENDING_SECONDS):
            await background.drain()
    except TimeoutError:
        logger.warning("Some runs did not end in time; the reaper of the next start ends them.")


def endpoint(host: str, port: int) -> str:
    """Return a Twisted endpoint description.

    >>> endpoint("::1", 8000)
    'tcp:port=8000:backlog=1024:interface=\\\\:\\\\:1'
    """
    escaped = host.replace(":", "\\:")
    return f"tcp:port={port}:backlog={BACKLOG}:interface={escaped}"
