from __future__ import annotations

import asyncio
import contextlib
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

# Beyond DRAIN_SECONDS, for the database to take what has come.
ENDING_SECONDS = 10.0
SERVICE_RESTART = 1012
# After a restart hundreds of pages come back in one moment. Those that the system has no place for in
# its line knock again after one, three, seven seconds; Twisted asks it for 50 places.
BACKLOG = 1024


class Command(BaseCommand):
    help = "Serve the playground with daphne on HOST and PORT."
    # The application itself refuses to start.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        heap.keep_small()
        # Importing daphne's server installs its reactor, so only the command that serves does it.
        from daphne.server import Server, twisted_loop
        from twisted.internet import defer, reactor

        raise_file_limit()
        application = import_string(settings.ASGI_APPLICATION)
        reap_runs()
        adapt_sockets()

        def begin() -> None:
            background.attach(twisted_loop)

        class DrainingServer(Server):  # type: ignore[misc]  # daphne has no types
            """Its applications are pages and their sockets: what they still have to say comes first."""

            def kill_all_applications(self) -> Any:
                draining = asyncio.ensure_future(_drain(), loop=twisted_loop)
                kill = super().kill_all_applications
                return defer.Deferred.fromFuture(draining).addCallback(lambda _: kill())

        spare_the_collector()
        reactor.callWhenRunning(begin)
        self.stdout.write(f"Serving on {settings.PUBLIC_ORIGIN} (Ctrl+C stops)")
        DrainingServer(
            application,
            endpoints=[endpoint(settings.HOST, settings.PORT)],
            # Sockets end with the session or the page, not by age: a clean close by age reaches
            # the page as an end.
            websocket_timeout=-1,
            ping_interval=20,
            ping_timeout=30,
            websocket_max_message_size=64 * 1024,
            websocket_max_frame_size=64 * 1024,
            # Sockets are closed by draining; what is left after that is not worth waiting for.
            application_close_timeout=2,
            verbosity=0,
            server_name="",
        ).run()


def spare_the_collector() -> None:
    """Take what is loaded by now, code above all, out of what the garbage collector looks through.

    It never goes, and with it a full collection stops the loop, and every stream, for a tenth of a second.
    """
    gc.collect()
    gc.freeze()


def raise_file_limit() -> None:
    """Every socket and stream is an open file; the usual soft limit is low for compatibility only."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def adapt_sockets() -> None:
    """Let sockets send messages of any size, and say that the server restarts.

    autobahn holds both directions to the one limit that daphne sets: the last frame of a long
    answer, which carries all of it, would end the socket instead. And it takes 1012 for a code
    that an application cannot send: https://www.iana.org/assignments/websocket/websocket.xml
    What is sent to a browser that has just gone is lost with it: no error, the end is on its way.
    """
    from autobahn.exception import Disconnected
    from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

    class Protocol(WebSocketProtocol):  # type: ignore[misc]  # daphne has no types
        maxMessagePayloadSize: int

        def sendMessage(self, *args: Any, **options: Any) -> None:
            limit, self.maxMessagePayloadSize = self.maxMessagePayloadSize, 0
            try:
                with contextlib.suppress(Disconnected):
                    super().sendMessage(*args, **options)
            finally:
                self.maxMessagePayloadSize = limit

        def serverClose(self, code: int | None = None) -> None:
            if code != SERVICE_RESTART:
                super().serverClose(code)
            else:
                self.sendCloseFrame(code=code, isReply=False)

    WebSocketFactory.protocol = Protocol


async def _drain() -> None:
    from twisted.internet import reactor, tcp

    # Whoever comes now is served elsewhere, or after the restart.
    for reader in cast("Any", reactor).getReaders():
        if isinstance(reader, tcp.Port):
            cast("Any", reader).stopListening()
    try:
        async with asyncio.timeout(settings.DRAIN_SECONDS + ENDING_SECONDS):
            await background.drain()
    except TimeoutError:
        logger.warning("Some runs did not end in time; the reaper of the next start ends them.")


def endpoint(host: str, port: int) -> str:
    """A Twisted endpoint description.

    >>> endpoint("::1", 8000)
    'tcp:port=8000:backlog=1024:interface=\\\\:\\\\:1'
    """
    escaped = host.replace(":", "\\:")
    return f"tcp:port={port}:backlog={BACKLOG}:interface={escaped}"
