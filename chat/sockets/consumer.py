"""The websocket consumer of an open page. The protocol is described in :mod:`chat.sockets`."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from accounts.time_zones import COOKIE, zone_of
from chat.live import broadcast
from chat.live.database_threads import for_reader
from chat.live.inbound import TOO_MANY, allowance_of
from chat.live.pacing import Outbox
from chat.live.presence import presence
from chat.live.wakeups import Flag, Wakeup
from chat.sockets.frame_writer import FrameWriter
from chat.sockets.open_thread import OpenThread
from chat.sockets.protocol import PONG, parse_command, threads_of
from chat.sockets.reader import PageReader

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


class PageConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """The socket of a page. It checks access and reads commands; one writer task sends all frames."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._cleanup = contextlib.ExitStack()
        # The reader leaves when the socket is refused, whenever the browser answers that.
        self._company = self._cleanup.enter_context(contextlib.ExitStack())
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Channels does not call disconnect() after an error or a kill.
            self._cleanup.close()

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels would also close old database connections on the one thread that all sync code shares: a
        # slow query anywhere would delay every acknowledgement, and every page that comes back. The threads
        # that this socket uses care for their own.
        match message["type"]:
            case "websocket.connect":
                await self.websocket_connect(message)
            case "websocket.receive":
                await self.websocket_receive(message)
            case "websocket.disconnect":
                raise StopConsumer
            case _:
                await super().dispatch(message)

    async def connect(self) -> None:
        self._addressed: UUID | None = self.scope["url_route"]["kwargs"].get("code")
        self._wakeup = Wakeup()
        self._end = Flag(self._wakeup)
        self._outbox = Outbox()
        cookies = self.scope["cookies"]
        session, zone = cookies.get(settings.SESSION_COOKIE_NAME, ""), zone_of(cookies.get(COOKIE, ""))
        self._reader = PageReader(session, self._wakeup, zone)
        self._threads: list[OpenThread] = []
        # Accept first: an earlier refusal would reach the browser as 1006, and the browser would try again.
        await self.accept()
        broadcast.watch_end(self._end)
        self._cleanup.callback(broadcast.unwatch_end, self._end)
        with contextlib.ExitStack() as until_known:
            # The person is known after the look-up only. News of anybody's rights until then counts.
            broadcast.watch(broadcast.PEOPLE, self._reader.changes)
            until_known.callback(broadcast.unwatch, broadcast.PEOPLE, self._reader.changes)
            self._is_admitted = await self._admit([self._addressed] if self._addressed else [])
            # A new socket costs as much as a command.
            if self._is_admitted and await self._is_allowed():
                self._watch(broadcast.person_topic(self._reader.user.pk), self._reader.changes)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self._is_admitted:
            return
        command = parse_command(text_data)
        # An acknowledgement of a frame is an answer, and no socket can have more of them than frames.
        if command.get("type") == "ack" and self._outbox.acknowledge(command.get("n")):
            return
        if not await self._is_allowed():
            return
        match command.get("type"):
            case "hello":
                await self._hello(command)
            case "writing":
                self._note_writing(command)
            case "ping":
                await self.send(PONG)

    async def _hello(self, command: dict[str, Any]) -> None:
        states = threads_of(command, self._addressed)
        if self._threads or not states:
            return
        # The conversation in the address was checked when the socket opened. Changes since then set a flag
        # that the writer reads.
        unchecked = {state.code for state in states} - {self._addressed}
        self._is_admitted = not unchecked or await self._admit(unchecked)
        if not self._is_admitted:
            return
        self._threads = [OpenThread(state, self._wakeup) for state in states]
        for thread in self._threads:
            self._watch(broadcast.conversation_topic(thread.code), thread.news)
            self._cleanup.callback(thread.unwatch_all)
            if thread.present is not None:
                self._enter(thread)
        # The bell is the page's; one thread brings it.
        self._watch(broadcast.notices_topic(self._reader.user.pk), self._threads[0].news)
        writer = asyncio.get_running_loop().create_task(self._write())
        self._cleanup.callback(writer.cancel)

    def _enter(self, thread: OpenThread) -> None:
        """Let the others who have the conversation open see that the reader has, too."""
        user = self._reader.user
        self._watch(broadcast.presence_topic(thread.code), thread.company)
        presence.enter(thread.code, user.pk, user.display_name, user.initial)
        self._company.callback(presence.leave, thread.code, user.pk)

    def _note_writing(self, command: dict[str, Any]) -> None:
        for thread in self._threads:
            if str(thread.code) == command.get("thread") and thread.may_write:
                presence.write(thread.code, self._reader.user.pk, is_writing=command.get("is") is True)

    async def _admit(self, conversations: Iterable[UUID]) -> bool:
        """Return whether the reader may read all of these; if not, the socket closes."""
        refusal = await self._reader.refusal(conversations, for_reader)
        if refusal is not None:
            await self.close(refusal)
        return refusal is None

    async def _is_allowed(self) -> bool:
        """Count one command of the reader; return False, and close, if there were too many."""
        if not allowance_of(self._reader.user.pk).take():
            self._is_admitted = False
            # The writer must not send any frame after the close.
            self._cleanup.close()
            await self.close(TOO_MANY)
        return self._is_admitted

    def _watch(self, topic: str, flag: Flag) -> None:
        broadcast.watch(topic, flag)
        self._cleanup.callback(broadcast.unwatch, topic, flag)

    async def _write(self) -> None:
        writer = FrameWriter(self._reader, self._threads, self._outbox, self._wakeup, self._end, self.send)
        code = await writer.run()
        self._company.close()
        await self.close(code)
