"""The live tail: the newest events of live runs, on their way to the sockets of other processes.

The log in the database gets the events of a run once per checkpoint. In between, each process sends
the new events of all its runs to the others, in one message about twenty times a second. A lost
message does no harm: its events are in the log soon after.

Events are numbered, and a piece names the events that it holds. No piece reaches across the end of a
checkpoint: a reader of the log goes on with the piece that begins where the log ends.
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
# The sockets at the other end send a frame when a piece arrives, with no clock of their own.
SEND_SECONDS = FRAME_SECONDS
# Pieces kept for a reader. One that falls further behind reads the log.
MOST_WAITING = 500


class Piece(NamedTuple):
    """Encoded events of a run after number ``after``, up to ``seq``. Without events, the run has ended."""

    run: bytes
    after: int
    seq: int
    events: bytes

    @property
    def is_end(self) -> bool:
        return not self.events


_decoder = msgspec.msgpack.Decoder(list[Piece])


def read(message: bytes) -> list[Piece]:
    """Decode the pieces that a :class:`Writer` has put into a message."""
    return _decoder.decode(message)


class Writer:
    """Sends the new events of the runs that this process relays. On the event loop's thread only."""

    def __init__(self) -> None:
        # The number of the last gathered event of each run.
        self._gathered: dict[UUID, int] = {}
        self._outgoing: list[Piece] = []
        # Pieces leave in order: one that overtook another would look like a lost one.
        self._lock = asyncio.Lock()

    def gather(self, live_runs: Iterable[LiveRun]) -> None:
        """Take the events since the last call. Checkpoints call this too: no piece reaches across one."""
        for live_run in live_runs:
            after = self._gathered.get(live_run.code, 0)
            if live_run.seq == after:
                continue
            events = live_run.unsaved_after(after)
            if events is None:
                # These events were taken for the log before they were gathered. Readers have the log.
                continue
            self._gathered[live_run.code] = live_run.seq
            self._outgoing.append(Piece(live_run.code.bytes, after, live_run.seq, merge(events)))

    def end(self, live_run: LiveRun) -> None:
        """Tell readers that the run has ended here, or goes on elsewhere. They look that up."""
        self._gathered.pop(live_run.code, None)
        self._outgoing.append(Piece(live_run.code.bytes, live_run.seq, live_run.seq, b""))

    def take(self) -> bytes:
        """Return the gathered events as one message, which is empty if there are none."""
        pieces, self._outgoing = self._outgoing, []
        return msgspec.msgpack.encode(pieces) if pieces else b""

    async def send(self, peers: Peers) -> None:
        """Send the gathered events. They are lost if they do not leave: readers have the log."""
        async with self._lock:
            if message := self.take():
                await peers.publish(PIECES, message)


class Feed:
    """The received pieces of one run that its reader has not taken yet."""

    def __init__(self, pieces: Iterable[Piece] = ()) -> None:
        self._waiting: deque[Piece] = deque(pieces, maxlen=MOST_WAITING)
        self._has_news = asyncio.Event()

    def put(self, piece: Piece) -> None:
        self._waiting.append(piece)
        self._has_news.set()

    async def get(self, seconds: float) -> Piece | None:
        """Return the next piece, or None if none arrives for so long."""
        if not self._waiting:
            self._has_news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._has_news.wait()
        return self._waiting.popleft() if self._waiting else None


class Inbox:
    """Received pieces: passed on to the readers of their run, and kept for later readers.

    Pieces are kept until the log must have them, in two halves. The older half is dropped as a whole.
    """

    def __init__(self) -> None:
        self._feeds: dict[bytes, set[Feed]] = {}
        self._older: dict[bytes, list[Piece]] = {}
        self._newer: dict[bytes, list[Piece]] = {}
        self._turned_at = 0.0

    def receive(self, message: bytes) -> None:
        """Take a message of the :class:`Writer` of another process."""
        if time.monotonic() - self._turned_at > self._seconds:
            self._older, self._newer = self._newer, {}
            self._turned_at = time.monotonic()
        for piece in read(message):
            self._newer.setdefault(piece.run, []).append(piece)
            for feed in self._feeds.get(piece.run, ()):
                feed.put(piece)

    @contextlib.contextmanager
    def feed_of(self, code: UUID) -> Iterator[Feed]:
        """Receive that run's new events, after the kept ones."""
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


inbox = Inbox()
