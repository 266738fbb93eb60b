"""daphne's socket protocol, with limits. The server imports it once daphne has installed its reactor."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from autobahn.exception import Disconnected
from daphne.ws_protocol import WebSocketProtocol

from chat.live.inbound import (
    BYTES_AT_ONCE,
    BYTES_PER_SECOND,
    FRAMES_AT_ONCE,
    FRAMES_PER_SECOND,
    MOST_WAITING,
    MOST_WAITING_BYTES,
    TOO_MANY,
    Allowance,
)

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

    Application = Callable[..., Awaitable[None]]

SERVICE_RESTART = 1012
# The key in a scope under which a socket's application finds whom to tell that it took a message.
_TAKEN = "playground.taken"


class SocketProtocol(WebSocketProtocol):  # type: ignore[misc]  # daphne has no types
    """A socket that stops reading while its application has enough to do.

    daphne puts each message into a queue that has no limit. So beyond a few unprocessed ones this class
    reads nothing more from the network: the browser's system then waits, and no memory grows. More frames or
    bytes than a page ever sends close the socket.

    It also sends messages of any size, and closes with the code of a restart. autobahn applies the limit that
    daphne sets to both directions: the last frame of a long answer, which carries all of it, would end
    the socket. It also refuses to send 1012, which applications may:
    https://www.iana.org/assignments/websocket/websocket.xml
    """

    application_queue: asyncio.Queue[dict[str, Any]]
    maxMessagePayloadSize: int
    _is_paused = False
    _waiting_bytes = 0

    def onConnect(self, request: Any) -> Any:
        self._frames = Allowance(FRAMES_AT_ONCE, FRAMES_PER_SECOND)
        self._bytes = Allowance(BYTES_AT_ONCE, BYTES_PER_SECOND)
        return super().onConnect(request)

    def dataReceived(self, data: bytes) -> None:
        if self.state == self.STATE_CONNECTING and hasattr(self, "handshake_deferred"):
            # A client must wait for the answer to its handshake, and autobahn would collect what comes
            # before it without a limit: https://www.rfc-editor.org/rfc/rfc6455#section-4.1
            self.dropConnection(abort=True)
        else:
            super().dataReceived(data)

    def processData(self) -> bool:
        return not self._is_paused and super().processData()

    def onFrameBegin(self) -> None:
        super().onFrameBegin()
        if self._frames.take() and self._bytes.take(self.current_frame.length):
            return
        self._pause()
        if self.state == self.STATE_OPEN:
            # The browser's answer to this close is not read. autobahn drops the connection after a second.
            self.sendClose(TOO_MANY, "Too many messages.")

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if self.state != self.STATE_OPEN:
            return
        super().onMessage(payload, isBinary)
        self._waiting_bytes += len(payload)
        if self.application_queue.qsize() >= MOST_WAITING or self._waiting_bytes >= MOST_WAITING_BYTES:
            self._pause()

    def taken(self) -> None:
        """Go on reading once the application has taken all that was waiting."""
        if not self.application_queue.empty():
            return
        self._waiting_bytes = 0
        if self._is_paused and self.state == self.STATE_OPEN:
            self._resume()

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        self._drop_waiting()
        super().onClose(wasClean, code, reason)

    def serverClose(self, code: int | None = None) -> None:
        self._drop_waiting()
        if code != SERVICE_RESTART:
            super().serverClose(code)
        else:
            self.sendCloseFrame(code=code, isReply=False)
        if self._is_paused:
            # The browser's answer to the close is still to be read.
            self._resume()

    def sendMessage(self, *args: Any, **options: Any) -> None:
        limit, self.maxMessagePayloadSize = self.maxMessagePayloadSize, 0
        try:
            # A message to a browser that has just disconnected is dropped: the close event follows.
            with contextlib.suppress(Disconnected):
                super().sendMessage(*args, **options)
        finally:
            self.maxMessagePayloadSize = limit

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        """Hand a frame to the system at once, and leave to the reactor what does not fit.

        Otherwise each frame costs two changes of the selector and a turn of the loop.
        """
        if self.state == self.STATE_OPEN and not (sync or chopsize or self.send_queue):
            data = data[self._written_at_once(data) :]
            if not data:
                return
        super().sendData(data, sync, chopsize)

    def _written_at_once(self, data: bytes) -> int:
        """Return how many bytes the system took. It is asked only while no earlier bytes wait."""
        transport = self.transport
        # Under TLS bytes are not written as they are. An unknown transport may have bytes that wait.
        if getattr(transport, "TLS", True) or transport.dataBuffer or getattr(transport, "_tempDataLen", 1):
            return 0
        taken = transport.writeSomeData(data)
        # After an error, the reactor meets the same error and ends the connection.
        return taken if isinstance(taken, int) else 0

    def _pause(self) -> None:
        self._is_paused = True
        self.transport.pauseProducing()

    def _resume(self) -> None:
        self._is_paused = False
        self.transport.resumeProducing()
        self.consumeData()

    def _drop_waiting(self) -> None:
        """Drop the commands that the application has not taken: the socket ends."""
        queue = getattr(self, "application_queue", None)
        if queue is None:
            return
        waiting = [queue.get_nowait() for _ in range(queue.qsize())]
        for message in waiting:
            if message["type"] != "websocket.receive":
                queue.put_nowait(message)


def limited(application: Application) -> Application:
    """Return the application, which tells the protocol of its socket about each message that it takes."""

    async def serve(scope: dict[str, Any], receive: Any, send: Any) -> None:
        taken = scope.pop(_TAKEN, None)
        if taken is None:
            await application(scope, receive, send)
            return

        async def take() -> dict[str, Any]:
            message: dict[str, Any] = await receive()
            taken()
            return message

        await application(scope, take, send)

    return serve


def with_socket(protocol: Any, scope: dict[str, Any]) -> dict[str, Any]:
    """Return the scope of a connection, in which :func:`limited` finds the protocol if it is a socket."""
    return scope | {_TAKEN: protocol.taken} if isinstance(protocol, SocketProtocol) else scope
