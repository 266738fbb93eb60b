"""One socket per open conversation page. It reads live runs with a cursor of its own.

Commands set things in motion and return at once; one writer task sends. What the browser has not
acknowledged yet is bounded: a reader that is slow gets bigger frames, and one that stopped
reading is dropped and can come back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404

from chat.access import get_conversation_for, user_of_session
from chat.live import broadcast, registry
from chat.live.executor import for_page_in_flow, for_reader
from chat.live.pacing import FRAME_SECONDS, Outbox, frame_clock
from chat.live.wakeups import Flag, Wakeup
from chat.relays import background
from chat.sockets.following import follow
from chat.sockets.frames import PARTS_SECONDS, Cursor, delta, done, is_behind, news

if TYPE_CHECKING:
    from accounts.models import User
    from chat.live.run import LiveRun
    from chat.sockets.frames import News

logger = logging.getLogger(__name__)

RECHECK_SECONDS = 30.0
# Django says that somebody signed out before it ends their session: so long after such news we look.
SETTLE_SECONDS = 0.5
# How soon a run is looked for again that has been opened but not started yet.
RETRY_SECONDS = 0.05
COMMAND_CHARACTERS = 16_384

# The page comes back after the last three.
SIGNED_OUT, NO_ACCESS, TOO_SLOW, FAILED, RESTARTING = 4401, 4403, 4408, 4500, 1012


class ConversationConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    user: User

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._left = contextlib.ExitStack()
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Here and not in disconnect(), which does not come after an error or a kill.
            self._left.close()

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels would first close old connections on the one thread that all sync code shares:
        # a slow query anywhere would hold up every acknowledgement. We touch no connection here.
        match message["type"]:
            case "websocket.receive":
                await self.websocket_receive(message)
            case _:
                await super().dispatch(message)

    async def connect(self) -> None:
        self.code: UUID = self.scope["url_route"]["kwargs"]["code"]
        self._session_key: str = self.scope["cookies"].get(settings.SESSION_COOKIE_NAME, "")
        self._wakeup = Wakeup()
        self._news = Flag(self._wakeup, is_raised=True)
        self._access = Flag(self._wakeup)
        self._end = Flag(self._wakeup)
        self._outbox = Outbox()
        self._head = ""
        self._cursors: dict[UUID, Cursor] = {}
        self._watched: dict[UUID, LiveRun] = {}
        self._shown_live: list[UUID] = []
        self._is_waiting_for_start = False
        self._is_admitted = False
        self._writer: asyncio.Task[None] | None = None
        # Accepted first: a refusal before that reaches the browser as 1006, which it would retry.
        await self.accept()
        broadcast.watch_end(self._end)
        self._left.callback(broadcast.unwatch_end, self._end)
        with contextlib.ExitStack() as asking:
            # Whose page it is shows only now, and what is said of them meanwhile must not get lost.
            broadcast.watch(broadcast.PEOPLE, self._access)
            asking.callback(broadcast.unwatch, broadcast.PEOPLE, self._access)
            if await self._is_allowed():
                self._is_admitted = True
                self._listen(broadcast.conversation_topic(self.code), self._news)
                self._listen(broadcast.person_topic(self.user.pk), self._access)

    def _listen(self, topic: str, flag: Flag) -> None:
        broadcast.watch(topic, flag)
        self._left.callback(broadcast.unwatch, topic, flag)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        command = _parse(text_data)
        match command.get("type"):
            case "ack":
                self._outbox.acknowledge(command.get("n"))
            case "hello":
                await self._hello(command)

    async def _hello(self, command: dict[str, Any]) -> None:
        # Asked on arrival, moments ago; of what changed since then the writer has heard.
        if self._writer or not self._is_admitted:
            return
        head, cursors = command.get("head"), command.get("cursors")
        self._head = str(code) if (code := _uuid(head)) else ""
        if isinstance(cursors, dict):
            known = {_uuid(run): cursor for run, cursor in list(cursors.items())[:50]}
            self._cursors = {
                run: Cursor(cursor if isinstance(cursor, str) else "") for run, cursor in known.items() if run
            }
            self._shown_live = list(self._cursors)
        self._writer = asyncio.get_running_loop().create_task(self._write())
        self._left.callback(self._writer.cancel)
        self._left.callback(self._unwatch_all)

    def _unwatch_all(self) -> None:
        for live_run in self._watched.values():
            live_run.unwatch(self._wakeup)

    async def _is_allowed(self) -> bool:
        """Whether the reader may still read, looked up afresh; if not, the socket closes."""
        self._recheck_at = time.monotonic() + RECHECK_SECONDS * _spread()
        look_up = for_page_in_flow if self._watched else for_reader
        user = await look_up(user_of_session, self._session_key)
        if user is None:
            await self.close(SIGNED_OUT)
            return False
        self.user = user
        try:
            await look_up(get_conversation_for, user, self.code)
        except (Http404, PermissionDenied):
            await self.close(NO_ACCESS)
            return False
        return True

    async def _write(self) -> None:
        try:
            while await self._turn():
                pass
        except (Http404, PermissionDenied):
            await self.close(NO_ACCESS)
        except Exception:
            logger.exception("A socket of conversation %s failed.", self.code)
            await self.close(FAILED)

    async def _turn(self) -> bool:
        """Send all that the page lacks, then wait for more; False when the socket is closing."""
        if self._end.take():
            await self.close(RESTARTING)
            return False
        if not await self._may_go_on():
            return False
        if self._news.take():
            await self._catch_up()
        with frame_clock.measured():
            html = "".join(
                delta(live_run, self._cursors[code])
                for code, live_run in self._watched.items()
                if not live_run.has_ended
            )
        if html and not await self._send(html):
            return False
        for code in [code for code, live_run in self._watched.items() if live_run.has_ended]:
            ended = self._watched.pop(code)
            ended.unwatch(self._wakeup)
            if ended.was_lost:
                self._is_waiting_for_start = True
            elif not await self._send_done(code, is_in_flow=True):
                return False
        if html and self._has_begun:
            await asyncio.sleep(self._pause)
        await self._wakeup.wait(self._patience())
        return True

    async def _may_go_on(self) -> bool:
        """Ask again where it is time to: after news of the reader's rights, and now and then."""
        if self._access.take():
            self._recheck_at = min(self._recheck_at, time.monotonic() + SETTLE_SECONDS)
        if time.monotonic() < self._recheck_at:
            return True
        if settings.REDIS_URL:
            # What another process had to say may have been lost with it.
            self._news.raise_quietly()
        return await self._is_allowed()

    @property
    def _has_begun(self) -> bool:
        """Whether any answer has its first token. Until then nobody waits for a clock: it comes at once."""
        return any(live_run.first_token_at is not None for live_run in self._watched.values())

    @property
    def _pause(self) -> float:
        """How long to collect what goes into the next frame. Copies are collected where they come from."""
        is_collected = all(live_run.comes_in_pieces for live_run in self._watched.values())
        return frame_clock.interval - (FRAME_SECONDS if is_collected else 0.0)

    def _patience(self) -> float:
        """For how long to wait for a wake-up, given what may come without one."""
        until_recheck = max(0.0, self._recheck_at - time.monotonic())
        if any(is_behind(live_run, self._cursors[code]) for code, live_run in self._watched.items()):
            until_recheck = min(until_recheck, PARTS_SECONDS)
        if self._is_waiting_for_start:
            self._news.raise_quietly()
            return min(RETRY_SECONDS, until_recheck)
        return until_recheck

    async def _catch_up(self) -> None:
        look_up = for_page_in_flow if self._watched else for_reader
        found: News = await look_up(news, self.user, self.code, self._head, self._shown_live)
        if found.html:
            self._head = found.head
            if not await self._send(found.html):
                return
        # One that is still watched may be lost, and is looked up again then.
        for code in found.ended:
            if code not in self._watched:
                await self._send_done(code)
        self._shown_live = list({*self._shown_live, *found.live})
        unseen = [(code, owner) for code, owner in found.live.items() if code not in self._watched]
        missing = [code for code, owner in unseen if not self._find(code, owner)]
        self._is_waiting_for_start = bool(missing)

    def _find(self, code: UUID, owner: str) -> bool:
        """Watch a live run, wherever it is relayed or waits for a place; False while it is about to begin."""
        live_run = registry.find(code)
        if live_run is None:
            live_run = self._elsewhere(code, owner)
        if live_run is None:
            return False
        live_run.watch(self._wakeup)
        self._watched[code] = live_run
        self._cursors.setdefault(code, Cursor())
        return True

    def _elsewhere(self, code: UUID, owner: str) -> LiveRun | None:
        if not owner:
            return registry.wait_for(code, self.code)
        return None if background.is_ours(owner) else follow(code, self.code)

    async def _send_done(self, code: UUID, *, is_in_flow: bool = False) -> bool:
        self._cursors.pop(code, None)
        if code in self._shown_live:
            self._shown_live.remove(code)
        look_up = for_page_in_flow if is_in_flow else for_reader
        return await self._send(await look_up(done, self.user, self.code, code))

    async def _send(self, html: str) -> bool:
        """Send one frame as soon as the browser has room for it; False when it stopped reading."""
        if not await self._outbox.has_room():
            await self.close(TOO_SLOW)
            return False
        cursors = {str(code): str(cursor) for code, cursor in self._cursors.items()}
        number = self._outbox.next_number()
        asks = self._outbox.asks_for_acknowledgement(len(html))
        # Templates give a subclass of str, which msgspec does not know; adding makes a plain one.
        frame = msgspec.json.encode(
            {"n": number, "ack": asks, "html": html + "", "cursors": cursors, "head": self._head}
        )
        self._outbox.sent(number, len(frame), has_asked=asks)
        await self.send(text_data=frame.decode())
        return True


def _spread() -> float:
    """Pages that were opened in the same moment, as after a restart, must not ask in the same one."""
    return random.uniform(0.8, 1.0)  # noqa: S311 - no secret


def _parse(text: str | None) -> dict[str, Any]:
    """A command from the browser; anything else is nothing."""
    if not text or len(text) > COMMAND_CHARACTERS:
        return {}
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return {}


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
