"""The copy of a run in another process: always a prefix, in the end complete, also if messages get lost."""

from __future__ import annotations

import asyncio
import random
import uuid

import pytest

from chat.live.merging import merge
from chat.live.run import LiveRun
from chat.live.tail import Inbox, Piece, Writer, read
from chat.sockets import following
from chat.sockets.following import _copy, _Log
from playground.upstream.events import Event, ReasoningDelta, TextDelta, ToolCallDelta, decode_events


class Watcher:
    def wake(self) -> None:
        pass


class Origin:
    """The process that relays: its live run, its log and its messages."""

    def __init__(self) -> None:
        self.live = LiveRun(1, uuid.uuid4(), uuid.uuid4())
        self.writer = Writer()
        self.log: list[tuple[int, bytes]] = []
        self.is_live = True
        self.written = 0

    def write(self, count: int) -> None:
        for _ in range(count):
            self.written += 1
            self.live.apply([TextDelta(f"w{self.written} ")])

    def tell(self) -> bytes:
        """Return the message that leaves for other processes now."""
        self.writer.gather([self.live])
        return self.writer.take()

    def checkpoint(self) -> bytes:
        message = self.tell()
        if stretch := self.live.stretch():
            self.log.append(stretch)
            self.live.note_stored(stretch[0])
        return message

    def read(self, after: int) -> _Log:
        begin = max((seq for seq, _ in self.log if seq <= after), default=0)
        return _Log(self.is_live, begin, [(seq, events) for seq, events in self.log if seq > after])

    @property
    def text(self) -> str:
        return self.live.answer.text


@pytest.fixture
def origin(monkeypatch) -> Origin:
    origin = Origin()

    async def in_database(job, code, *after):
        # The other job looks for a format that was asked for.
        return origin.read(*after) if job is following._read else None

    monkeypatch.setattr(following, "in_database", in_database)
    monkeypatch.setattr(following, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(following, "CHECK_SECONDS", 0.002)
    return origin


async def until(is_reached) -> None:
    async with asyncio.timeout(20):
        while not is_reached():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0)


@pytest.fixture
def inbox(monkeypatch) -> Inbox:
    inbox = Inbox()
    monkeypatch.setattr(following, "inbox", inbox)
    return inbox


@pytest.mark.parametrize("seed", range(25))
async def test_it_ends_with_all_and_doubles_nothing_on_the_way(origin, inbox, seed):
    chance = random.Random(seed)
    copy = LiveRun(0, origin.live.code, origin.live.conversation_code)
    copy.watch(Watcher())
    follower = asyncio.ensure_future(_copy(copy))

    for _ in range(120):
        origin.write(chance.randrange(4))
        message = origin.checkpoint() if chance.random() < 0.15 else origin.tell()
        for _ in range(chance.choice([0, 1, 1, 1, 1, 2]) if message else 0):
            inbox.receive(message)
        for _ in range(chance.randrange(6)):
            await asyncio.sleep(0)
        assert origin.text.startswith(copy.answer.text)
    origin.checkpoint()
    await until(lambda: copy.answer.text == origin.text)
    origin.is_live = False
    await asyncio.wait_for(follower, 20)

    assert copy.has_ended and not copy.was_lost
    assert copy.text_html.blocks == origin.live.text_html.blocks


async def test_it_begins_with_what_was_told_since_the_last_checkpoint(origin, inbox):
    """The reader does not wait for the next checkpoint."""
    origin.write(3)
    inbox.receive(origin.checkpoint())
    origin.write(2)
    inbox.receive(origin.tell())
    copy = LiveRun(0, origin.live.code, origin.live.conversation_code)
    copy.watch(Watcher())
    follower = asyncio.ensure_future(_copy(copy))

    await until(lambda: copy.seq == 5)

    assert copy.answer.text == origin.text
    follower.cancel()


def test_what_was_told_is_kept_until_the_log_must_have_it(inbox, settings, monkeypatch):
    settings.CHECKPOINT_MILLISECONDS = 500
    clock = 100.0
    monkeypatch.setattr("chat.live.tail.time.monotonic", lambda: clock)
    told = [Origin() for _ in range(5)]
    for origin in told:
        origin.write(1)
        inbox.receive(origin.tell())
        clock += 1.1

    def is_kept(origin: Origin) -> bool:
        with inbox.feed_of(origin.live.code) as feed:
            return bool(feed._waiting)

    assert [is_kept(origin) for origin in told] == [False, False, True, True, True]
    assert not inbox._feeds


async def test_it_stops_with_its_last_reader(origin):
    watcher = Watcher()
    copy = LiveRun(0, origin.live.code, origin.live.conversation_code)
    copy.watch(watcher)
    follower = asyncio.ensure_future(_copy(copy))
    await asyncio.sleep(0)

    copy.unwatch(watcher)

    await asyncio.wait_for(follower, 20)
    assert copy.was_lost


def test_pieces_follow_each_other_and_none_reaches_across_a_checkpoint():
    origin = Origin()
    origin.write(3)
    first = origin.tell()
    origin.write(2)
    before = origin.checkpoint()
    origin.write(1)
    after = origin.tell()

    assert places(first) + places(before) + places(after) == [(0, 3), (3, 5), (5, 6)]
    assert [seq for seq, _ in origin.log] == [5]
    assert not origin.tell()


def test_what_a_checkpoint_could_not_store_is_not_sent_again():
    origin = Origin()
    origin.write(4)
    origin.tell()
    assert origin.live.stretch()
    origin.write(1)
    assert origin.live.stretch()

    assert places(origin.tell()) == [(4, 5)]


def test_no_piece_has_a_hole_where_a_stretch_was_taken():
    origin = Origin()
    origin.write(4)
    assert origin.live.stretch()
    origin.write(1)

    assert not origin.tell()


def test_all_runs_of_a_process_leave_in_one_message():
    writer, lives = Writer(), [LiveRun(number, uuid.uuid4(), uuid.uuid4()) for number in range(3)]
    for live in lives:
        live.apply([TextDelta("a")])
    writer.gather(lives)
    writer.end(lives[0])

    pieces = read(writer.take())

    assert [piece.run for piece in pieces] == [live.code.bytes for live in [*lives, lives[0]]]
    assert [piece.is_end for piece in pieces] == [False, False, False, True]


def places(message: bytes) -> list[tuple[int, int]]:
    return [(piece.after, piece.seq) for piece in read(message)]


def test_events_survive_the_way():
    events: list[Event] = [TextDelta("a\n 1 2 "), ReasoningDelta("…"), ToolCallDelta(0, "id", "name", "{}")]
    origin = Origin()
    origin.live.apply(events)

    [piece] = read(origin.tell())

    assert piece == Piece(origin.live.code.bytes, 0, 3, merge(events))
    assert decode_events(piece.events) == events
