"""The people who have a conversation open, and those who write in it, as others see them."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings

from accounts.models import Membership
from chat.flows.share_with_member import share_with_member
from chat.flows.stop_sharing import stop_sharing
from chat.live import broadcast
from chat.live import presence as module
from chat.live.peers import Peers
from chat.live.presence import EXPIRY_SECONDS, PRESENCE, WRITING_SECONDS, Presence, PresenceSender
from tests.chat.socket_reader import SocketReader, client_of

CODE, ANA, BEN = uuid.uuid4(), 1, 2


class Clock:
    moment = 1000.0

    def monotonic(self) -> float:
        return self.moment


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def names(presence: Presence, besides: int = 0) -> list[str]:
    return [
        f"{each.name}{'…' if each.is_writing else ''}" for each in presence.people_in(CODE, besides=besides)
    ]


def test_a_person_is_here_once_until_their_last_socket_ends(clock):
    here = Presence()
    for pk, name in ((BEN, "Ben"), (ANA, "ana"), (ANA, "ana")):
        here.enter(CODE, pk, name, name[0])
    assert (names(here), names(here, besides=ANA)) == (["ana", "Ben"], ["Ben"])
    here.leave(CODE, ANA)
    assert names(here) == ["ana", "Ben"]
    for pk in (ANA, ANA, BEN):
        here.leave(CODE, pk)
    assert names(here) == []
    assert not here._here


def test_somebody_writes_until_they_stop_or_pause(clock):
    here = Presence()
    here.enter(CODE, ANA, "Ana", "A")
    here.write(CODE, BEN, is_writing=True)
    here.write(CODE, ANA, is_writing=True)
    assert names(here) == ["Ana…"]
    assert here.next_change(CODE) == clock.moment + WRITING_SECONDS
    here.write(CODE, ANA, is_writing=False)
    assert (names(here), here.next_change(CODE)) == (["Ana"], float("inf"))
    here.write(CODE, ANA, is_writing=True)
    clock.moment += WRITING_SECONDS
    assert names(here) == ["Ana"]


def test_keys_wake_nobody_once_somebody_writes(clock, monkeypatch):
    woken: list[str] = []
    monkeypatch.setattr(broadcast, "wake_here", woken.append)
    here = Presence()
    here.enter(CODE, ANA, "Ana", "A")
    for _ in range(100):
        here.write(CODE, ANA, is_writing=True)
    assert len(woken) == 2


def test_another_process_is_told_and_its_people_go_when_it_is_killed(clock):
    one, two = Presence(), Presence()
    one.enter(CODE, ANA, "Ana", "A")
    two.enter(CODE, BEN, "Ben", "B")
    one.write(CODE, ANA, is_writing=True)
    two.receive(one.message([CODE]))
    assert names(two) == ["Ana…", "Ben"]
    assert two.next_change(CODE) == clock.moment + WRITING_SECONDS
    clock.moment += WRITING_SECONDS
    assert names(two) == ["Ana", "Ben"]
    # The person has pages at both processes: one of them ends, and each beat keeps the other.
    two.enter(CODE, ANA, "Ana", "A")
    two.leave(CODE, ANA)
    assert names(two) == ["Ana", "Ben"]
    clock.moment += EXPIRY_SECONDS - 1
    two.receive(one.beat())
    clock.moment += 2
    assert names(two) == ["Ana", "Ben"]
    # Now it is killed: nothing comes any more.
    clock.moment += EXPIRY_SECONDS
    assert names(two) == ["Ben"]
    two.beat()
    assert not two._elsewhere


def test_a_beat_without_a_conversation_empties_it(clock):
    one, two = Presence(), Presence()
    one.enter(CODE, ANA, "Ana", "A")
    two.receive(one.beat())
    one.leave(CODE, ANA)
    two.receive(one.beat())
    assert names(two) == []
    for nonsense in (
        b"",
        b"{",
        b"[]",
        b'{"sender": 1}',
        b'{"sender": "x", "here": {"y": []}}',
    ):
        two.receive(nonsense)


class Room(asyncio.Event):
    """Peers that deliver to another process."""

    def __init__(self, other: Presence) -> None:
        super().__init__()
        self.other = other

    async def publish(self, kind: bytes, message: bytes) -> bool:
        assert kind == PRESENCE
        self.other.receive(message)
        self.set()
        return True


async def test_who_comes_asks_and_is_told(monkeypatch):
    monkeypatch.setattr(module, "SEND_SECONDS", 0)
    one, two = Presence(), Presence()
    one.sender, two.sender = PresenceSender(one, Room(two)), PresenceSender(two, Room(one))  # type: ignore[arg-type]
    one.enter(CODE, ANA, "Ana", "A")
    await one.sender.send_next()
    fresh = Presence()
    fresh.sender = PresenceSender(fresh, Room(one))  # type: ignore[arg-type]
    one.sender = PresenceSender(one, Room(fresh))  # type: ignore[arg-type]
    fresh.enter(CODE, BEN, "Ben", "B")
    await fresh.sender.send_next()
    await one.sender.send_next()
    assert (names(one), names(fresh), names(two)) == (["Ana", "Ben"], ["Ana", "Ben"], ["Ana"])


@pytest.mark.redis
async def test_two_processes_tell_each_other_through_redis():
    one, two = Presence(), Presence()
    heard = asyncio.Event()

    def receive(message: bytes) -> None:
        two.receive(message)
        heard.set()

    assert settings.REDIS_URL
    connected = asyncio.Event()
    sender, receiver = Peers({}, lambda: None), Peers({PRESENCE: receive}, connected.set)
    listening = asyncio.get_running_loop().create_task(receiver.listen())
    await asyncio.wait_for(connected.wait(), 10)
    one.sender = PresenceSender(one, sender)
    one.enter(CODE, ANA, "Ana", "A")
    await one.sender.send_next()
    await asyncio.wait_for(heard.wait(), 10)
    assert names(two) == ["Ana"]
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await sender.aclose()
    await receiver.aclose()


@pytest.fixture
def share(conversation, alice):
    @sync_to_async
    def make(user, *, can_write: bool) -> None:
        member = Membership.objects.select_related("user").get(user=user)
        share_with_member(conversation, alice, member, can_write=can_write)

    return make


async def opened(client_for, user, conversation, present: str | None = "") -> SocketReader:
    page = await SocketReader.open(await client_of(client_for, user), conversation.code)
    said = {} if present is None else {"present": present}
    await page.send({"type": "hello", "head": "", "cursors": {}, **said})
    await page.frame()
    return page


@pytest.mark.django_db(transaction=True)
async def test_people_see_each_other_write_and_go(relays, alice, bob, ada, conversation, share, client_for):
    await share(bob, can_write=True)
    await share(ada, can_write=False)
    first = await opened(client_for, alice, conversation)
    second = await opened(client_for, bob, conversation)
    assert "Also here: Bob" in await first.read_until("Also here")
    assert "Also here: Alice" in await second.read_until("Also here")

    await second.send({"type": "writing", "thread": str(conversation.code), "is": True})
    assert "Bob is writing …" in await first.read_until("is writing")
    await second.send({"type": "writing", "thread": str(conversation.code), "is": False})
    assert "writing" not in (await first.frame())["html"].partition('id="writing-')[2].partition(">")[2]

    # A page of somebody who may only read cannot claim that they write.
    reader = await opened(client_for, ada, conversation)
    await first.read_until("Also here: Ada, Bob")
    await reader.read_until("Also here: Alice, Bob")
    for thread in (str(conversation.code), str(uuid.uuid4()), None, 7):
        await reader.send({"type": "writing", "thread": thread, "is": True})
    # A page that has no place for them is not counted and not told.
    silent = await opened(client_for, bob, conversation, None)
    await silent.close()

    await second.close()
    html = await first.read_until("Also here: Ada")
    assert "is writing" not in html
    assert "Bob" not in html.rpartition("Also here")[2]
    member = await Membership.objects.select_related("user").aget(user=ada)
    await sync_to_async(stop_sharing)(conversation, alice, member)
    assert await reader.closed_with() == 4403
    while (await first.frame())["html"].count("Also here"):
        pass
    await first.close()
    assert not module.presence._here
