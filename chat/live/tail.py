"""The newest events of live runs, on their way to the sockets of other processes.

The log in the database holds every event, but only once per checkpoint. Between two of those, each
process tells the others what its runs have got, all of them in one message, some twenty times a
second. What gets lost on the way is in the log soon after.

Events are numbered, and a piece says which it holds. No piece reaches across the end of a
checkpoint: who has read the log up to there goes on with the piece that begins there.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import msgspec
from django.conf import settings

from chat.live.merging import merge
from chat.live.pacing import FRAME_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chat.live.peers import Peers
    from chat.live.run import LiveRun

PIECES = b"t"
# The sockets that read the other end send when a piece comes: theirs would be a second clock.
SEND_SECONDS = FRAME_SECONDS
# Pieces that wait for their reader; one that falls further behind reads the log.
MOST_WAITING = 500


class Piece(NamedTuple):
    """The events of a run after number ``after``, up to ``seq``, encoded; none at all: it has ended."""

    run: bytes
    after: int
    seq: int
    events: bytes

    @property
    def is_end(self) -> bool:
        return not self.events


_decoder = msgspec.msgpack.Decoder(list[Piece])


def read(message: bytes) -> list[Piece]:
    """The pieces that a :class:`Writer` has put into a message."""
    return _decoder.decode(message)


class Writer:
    """Sends what the relays of this process have got. On the event loop's thread only."""

    def __init__(self) -> None:
        # How far each run has been gathered.
        self._gathered: dict[UUID, int] = {}
        self._outgoing: list[Piece] = []
        # Pieces leave in order: one that overtook another would look like a loss.
        self._lock = asyncio.Lock()

    def gather(self, lives: Iterable[LiveRun]) -> None:
        """Take what is new since the last call. Before a checkpoint too: no piece reaches across it."""
        for live in lives:
            after = self._gathered.get(live.code, 0)
            if live.seq == after:
                continue
            events = live.unsaved_after(after)
            if events is None:
                # Handed to whoever stores it before it was gathered; readers have the log.
                continue
            self._gathered[live.code] = live.seq
            self._outgoing.append(Piece(live.code.bytes, after, live.seq, merge(events)))

    def end(self, live: LiveRun) -> None:
        """The run has ended here, or goes on elsewhere: its readers look that up."""
        self._gathered.pop(live.code, None)
        self._outgoing.append(Piece(live.code.bytes, live.seq, live.seq, b""))

    def take(self) -> bytes:
        """What was gathered, as one message; empty when that is nothing."""
        pieces, self._outgoing = self._outgoing, []
        return msgspec.msgpack.encode(pieces) if pieces else b""

    async def send(self, peers: Peers) -> None:
        """Send what was gathered. What does not leave is lost: readers have the log."""
        async with self._lock:
            if message := self.take():
                await peers.tell(PIECES, message)


class Feed:
    """The pieces of one run that this process has heard and its reader has not taken yet."""

    def __init__(self, pieces: Iterable[Piece] = ()) -> None:
        self._waiting: deque[Piece] = deque(pieces, maxlen=MOST_WAITING)
        self._has_news = asyncio.Event()

    def put(self, piece: Piece) -> None:
        self._waiting.append(piece)
        self._has_news.set()

    async def get(self, seconds: float) -> Piece | None:
        """The next piece, or None when none came for that long."""
        if not self._waiting:
            self._has_news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._has_news.wait()
        return self._waiting.popleft() if self._waiting else None


class Heard:
    """What others have told of their runs: handed to who reads them, and kept for who comes next.

    Kept until the log must have it, in two halves of which the older one is dropped as a whole.
    """

    def __init__(self) -> None:
        self._feeds: dict[bytes, set[Feed]] = {}
        self._older: dict[bytes, list[Piece]] = {}
        self._newer: dict[bytes, list[Piece]] = {}
        self._turned_at = 0.0

    def hear(self, message: bytes) -> None:
        """Take what the :class:`Writer` of another process has sent."""
        if time.monotonic() - self._turned_at > self._seconds:
            self._older, self._newer = self._newer, {}
            self._turned_at = time.monotonic()
        for piece in read(message):
            self._newer.setdefault(piece.run, []).append(piece)
            for feed in self._feeds.get(piece.run, ()):
                feed.put(piece)

    @contextlib.contextmanager
    def feed_of(self, code: UUID) -> Iterator[Feed]:
        """Hear of that run's new events, and of the last ones before."""
        run = code.bytes
        feed = Feed([*self._older.get(run, ()), *self._newer.get(run, ())])
        feeds = self._feeds.setdefault(run, set())
        feeds.add(feed)
        try:
            yield feed
        finally:
            feeds.discard(feed)
            if not feeds:
                self._feeds.pop(run, None)

    @property
    def _seconds(self) -> float:
        return 1.0 + 2 * settings.CHECKPOINT_MILLISECONDS / 1000


heard = Heard()
