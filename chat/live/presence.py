"""The people who have a conversation open, and those who write in it: in memory alone, in all processes.

Each process knows the people of its own sockets, and tells the others of them through Redis: after a change,
and every few seconds. What it has told expires, so that the people of a process that was killed disappear.
All is done on the event loop's thread.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from chat.live import broadcast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat.live.peers import Peers

PRESENCE = b"p"
# Seconds for which somebody counts as writing after the last key. A page tells of keys every three seconds.
WRITING_SECONDS = 6.0
# Seconds between two messages of a process about all of its people, and until they expire elsewhere.
BEAT_SECONDS, EXPIRY_SECONDS = 10.0, 25.0
# Seconds between two messages, so that many changes at once become one.
SEND_SECONDS = 0.2
RETRY_SECONDS = 1.0
# The most people that one message tells of in one conversation.
_MOST_TOLD = 100


class Told(msgspec.Struct, array_like=True):
    """A person as a message tells of them. ``writes`` are the seconds for which they still write."""

    pk: int
    name: str
    initial: str
    writes: float = 0.0


class _Message(msgspec.Struct):
    sender: str
    here: dict[UUID, list[Told]]
    # Whether these are all conversations of the sender.
    is_all: bool = False
    # The receivers should tell of these, too: the sender has just begun to show them.
    asks: list[UUID] = []


@dataclass(slots=True)
class _Person:
    name: str
    initial: str
    sockets: int = 0
    writes_until: float = 0.0


@dataclass(slots=True)
class _Elsewhere:
    """The people of a conversation in another process."""

    people: list[Told]
    heard_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class Present:
    """A person who has the conversation open."""

    name: str
    initial: str
    is_writing: bool


@dataclass(slots=True)
class Presence:
    """The people of the open pages, as one process knows them."""

    name: str = field(default_factory=lambda: secrets.token_hex(8))
    _here: dict[UUID, dict[int, _Person]] = field(default_factory=dict)
    _elsewhere: dict[UUID, dict[str, _Elsewhere]] = field(default_factory=dict)
    sender: PresenceSender | None = None

    def enter(self, code: UUID, pk: int, name: str, initial: str) -> None:
        """Count a socket of a person; each call has to be followed by :meth:`leave`."""
        is_new = code not in self._here
        person = self._here.setdefault(code, {}).setdefault(pk, _Person(name, initial))
        person.sockets += 1
        if person.sockets == 1:
            self._changed(code, asks=is_new)

    def leave(self, code: UUID, pk: int) -> None:
        people = self._here.get(code, {})
        person = people.get(pk)
        if person is None:
            return
        person.sockets -= 1
        if person.sockets > 0:
            return
        del people[pk]
        if not people:
            del self._here[code]
        self._changed(code)

    def write(self, code: UUID, pk: int, *, is_writing: bool) -> None:
        """Note that a person writes, or has stopped. Only a change wakes anybody here."""
        person = self._here.get(code, {}).get(pk)
        if person is None:
            return
        moment = time.monotonic()
        was_writing = person.writes_until > moment
        person.writes_until = moment + WRITING_SECONDS if is_writing else 0.0
        if was_writing != is_writing:
            self._changed(code)
        elif is_writing and self.sender is not None:
            self.sender.add(code)

    def people_in(self, code: UUID, *, besides: int) -> list[Present]:
        """Return the others who have a conversation open, each once, sorted by name."""
        moment = time.monotonic()
        found: dict[int, Present] = {}
        for told, age in self._all(code, moment):
            is_writing = told.writes > age or (told.pk in found and found[told.pk].is_writing)
            found[told.pk] = Present(told.name, told.initial, is_writing)
        found.pop(besides, None)
        return sorted(found.values(), key=lambda each: (each.name.casefold(), each.name))

    def next_change(self, code: UUID) -> float:
        """Return the moment at which the next of these facts expires, by the monotonic clock."""
        moment = time.monotonic()
        ends = [each.expires_at for each in self._elsewhere.get(code, {}).values()]
        ends += [moment + told.writes - age for told, age in self._all(code, moment) if told.writes > age]
        return min((end for end in ends if end > moment), default=float("inf"))

    def _all(self, code: UUID, moment: float) -> Iterable[tuple[Told, float]]:
        """Yield all people with the age in seconds of what is known of them."""
        for told in self._told(code, moment):
            yield told, 0.0
        for each in self._elsewhere.get(code, {}).values():
            if each.expires_at > moment:
                for told in each.people:
                    yield told, moment - each.heard_at

    def _told(self, code: UUID, moment: float) -> list[Told]:
        people = list(self._here.get(code, {}).items())[:_MOST_TOLD]
        return [
            Told(pk, each.name, each.initial, max(0.0, each.writes_until - moment)) for pk, each in people
        ]

    def _changed(self, code: UUID, *, asks: bool = False) -> None:
        broadcast.wake_here(broadcast.presence_topic(code))
        if self.sender is not None:
            self.sender.add(code, asks=asks)

    def message(self, codes: Iterable[UUID], asks: Iterable[UUID] = ()) -> bytes:
        """Return a message about these conversations."""
        moment = time.monotonic()
        here = {code: self._told(code, moment) for code in codes}
        return msgspec.json.encode(_Message(self.name, here, asks=list(asks)))

    def beat(self) -> bytes:
        """Return a message about all conversations, and forget what has expired."""
        moment = time.monotonic()
        for code, known in list(self._elsewhere.items()):
            for sender in [sender for sender, each in known.items() if each.expires_at <= moment]:
                del known[sender]
            if not known:
                del self._elsewhere[code]
        here = {code: self._told(code, moment) for code in self._here}
        return msgspec.json.encode(_Message(self.name, here, is_all=True))

    def receive(self, data: bytes) -> None:
        """Take a message of another process."""
        try:
            message = msgspec.json.decode(data, type=_Message)
        except msgspec.MsgspecError:
            # The other process has another version.
            return
        moment = time.monotonic()
        if message.is_all:
            known = [code for code, senders in self._elsewhere.items() if message.sender in senders]
            message.here = dict.fromkeys(known, ()) | message.here  # type: ignore[assignment]
        for code, people in message.here.items():
            self._hear(code, message.sender, list(people), moment)
        for code in message.asks:
            if code in self._here and self.sender is not None:
                self.sender.add(code)

    def _hear(self, code: UUID, sender: str, people: list[Told], moment: float) -> None:
        senders = self._elsewhere.setdefault(code, {})
        before = senders.pop(sender, None)
        if people:
            senders[sender] = _Elsewhere(people, moment, moment + EXPIRY_SECONDS)
        if not senders:
            del self._elsewhere[code]
        if _as_shown(before.people if before else []) != _as_shown(people) or people:
            # Also when nothing but the time has changed: the pages move their next look.
            broadcast.wake_here(broadcast.presence_topic(code))


def _as_shown(people: list[Told]) -> list[tuple[int, str, bool]]:
    return sorted((each.pk, each.name, each.writes > 0) for each in people)


class PresenceSender:
    """The conversations that other processes are to be told of."""

    def __init__(self, presence: Presence, peers: Peers) -> None:
        self._presence = presence
        self._peers = peers
        self._codes: set[UUID] = set()
        self._asks: set[UUID] = set()
        self._has_any = asyncio.Event()

    def add(self, code: UUID, *, asks: bool = False) -> None:
        self._codes.add(code)
        if asks:
            self._asks.add(code)
        self._has_any.set()

    async def send_next(self) -> None:
        """Wait for changes and send them. What does not leave comes with the next beat."""
        await self._has_any.wait()
        self._has_any.clear()
        codes, self._codes = self._codes, set()
        asks, self._asks = self._asks, set()
        left = await self._peers.publish(PRESENCE, self._presence.message(codes, asks))
        await asyncio.sleep(SEND_SECONDS if left else RETRY_SECONDS)

    async def beat(self) -> None:
        await self._peers.publish(PRESENCE, self._presence.beat())


presence = Presence()
