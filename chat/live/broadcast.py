"""Wake-ups for open pages in all processes: a conversation or a person's rights have changed.

A wake-up carries no content: the reader looks up what it lacks. A lost one costs a poll.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from chat.live.peers import Peers

WAKE_UPS = b"w"
RETRY_SECONDS = 1.0
# After a gap all readers look up what they lack. They are spread out, since runs need the database too.
WOKEN_PER_SECOND = 200


class Watcher(Protocol):
    """A reader in this process. ``wake`` may be called from any thread."""

    def wake(self) -> None: ...


# The topic of changes of anybody's rights.
PEOPLE = "people"
# The topic of free places and a shorter queue. It stays in this process: the supervisor tells the others.
PLACES = "places"

_watchers: dict[str, set[Watcher]] = {}
# Watchers of the end of this process. They are woken once, to close.
_pages: set[Watcher] = set()
_loop: asyncio.AbstractEventLoop | None = None
_outgoing: Outgoing | None = None


class Outgoing:
    """Wake-ups on their way to other processes, kept until they have left. On the loop's thread only."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self._topics: set[str] = set()
        self._has_any = asyncio.Event()

    def add(self, topic: str) -> None:
        self._topics.add(topic)
        self._has_any.set()

    async def send_next(self) -> None:
        """Wait for wake-ups and send them."""
        await self._has_any.wait()
        if not await self.send():
            await asyncio.sleep(RETRY_SECONDS)

    async def send(self) -> bool:
        """Send all wake-ups; return False if they did not leave, and keep them."""
        topics, self._topics = self._topics, set()
        self._has_any.clear()
        if not topics or await self._peers.publish(WAKE_UPS, "\n".join(topics).encode()):
            return True
        for topic in topics:
            self.add(topic)
        return False


def attach(loop: asyncio.AbstractEventLoop, outgoing: Outgoing | None = None) -> None:
    """Set the loop on which wake-ups leave for other processes, and their outbox."""
    global _loop, _outgoing
    _loop, _outgoing = loop, outgoing


def conversation_topic(code: UUID) -> str:
    return f"conversation.{code}"


def run_topic(code: UUID) -> str:
    return f"run.{code}"


def person_topic(user_pk: int) -> str:
    return f"person.{user_pk}"


def notices_topic(user_pk: int) -> str:
    return f"notices.{user_pk}"


def presence_topic(code: UUID) -> str:
    return f"presence.{code}"


def watch(topic: str, watcher: Watcher) -> None:
    _watchers.setdefault(topic, set()).add(watcher)


def unwatch(topic: str, watcher: Watcher) -> None:
    watchers = _watchers.get(topic)
    if watchers is None:
        return
    watchers.discard(watcher)
    if not watchers:
        _watchers.pop(topic, None)


def watch_end(watcher: Watcher) -> None:
    _pages.add(watcher)


def unwatch_end(watcher: Watcher) -> None:
    _pages.discard(watcher)


def has_pages() -> bool:
    return bool(_pages)


def announce(conversation_code: UUID) -> None:
    """Wake every reader of the conversation. Callable from any thread; never blocks, never raises."""
    _announce(conversation_topic(conversation_code))


def announce_run(code: UUID, conversation_code: UUID | None) -> None:
    """Wake the readers of a run: those of its conversation, or its own if it has none."""
    _announce(run_topic(code) if conversation_code is None else conversation_topic(conversation_code))


def announce_place() -> None:
    """Wake the dispatcher: a place may be free, or the queue shorter. Callable from any thread."""
    _wake(PLACES)


def announce_end() -> None:
    """Make all pages of this process close and come back elsewhere."""
    for watcher in tuple(_pages):
        watcher.wake()


def announce_person(user_pk: int) -> None:
    """Make every open page of that person check again whether it may stay open."""
    _announce(person_topic(user_pk))
    _announce(PEOPLE)


def announce_notices(user_pk: int) -> None:
    """Make every open page of that person look up what it lacks: the bell counts another number."""
    _announce(notices_topic(user_pk))


def wake_here(topic: str) -> None:
    """Wake the watchers of a topic in this process alone."""
    _wake(topic)


def receive(message: bytes) -> None:
    """Take what :class:`Outgoing` of another process has sent."""
    for topic in message.decode().split("\n"):
        _wake(topic)


def wake_all() -> None:
    """Make every reader look up what it lacks: wake-ups may have been lost. On the loop's thread."""
    loop = asyncio.get_running_loop()
    for number, topic in enumerate(tuple(_watchers)):
        loop.call_later(number / WOKEN_PER_SECOND, _wake, topic)


def _announce(topic: str) -> None:
    _wake(topic)
    if _outgoing is not None and _loop is not None and _loop.is_running():
        _loop.call_soon_threadsafe(_outgoing.add, topic)


def _wake(topic: str) -> None:
    # A copy: a socket may come or go on the loop's thread while a view announces on its own.
    for watcher in tuple(_watchers.get(topic, ())):
        watcher.wake()
