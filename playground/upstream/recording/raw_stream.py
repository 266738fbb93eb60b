"""The bytes of an answer as they arrived, piece by piece with their times, in little room.

While an answer arrives a piece costs an append to a buffer and two to packed arrays. The buffer
is compressed a block at a time, each on its own: the state that takes lives only while a block is
made, and the blocks of the middle can be dropped without the rest.
"""

from __future__ import annotations

import json
import re
import sys
import time
import zlib
from array import array
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What zlib looks back over; less would compress worse, more take more memory per stream.
BLOCK_BYTES = 32 * 1024
# Of a chat API's stream this leaves a thirtieth, for half a microsecond per token.
_LEVEL = 1
_MARKS_AT_ONCE = 8_192
# From here on pieces are joined to the last one: nobody needs the times of more.
MOST_PIECES = 500_000
_KEY_LIKE = re.compile(rb"\b((?:sk|key|pk)-)[\w*-]{8,}|(Bearer )[\w.*~+/=-]{8,}")
# What stands in a stored stream where a key stood, as long as the key was.
MASK = re.compile(r"\[key\.+\]")
# What is shorter is no secret but a word, such as the “ollama” that some servers ask for.
_SHORTEST_SECRET = 8


class _Packed(msgspec.Struct, array_like=True, frozen=True):
    version: int
    # Compressed one by one; the first ``head`` of them came before what was dropped.
    blocks: list[bytes]
    head: int
    dropped: int
    # Of each piece its bytes, and the milliseconds since the piece before: little-endian, compressed.
    sizes: list[bytes]
    waits: list[bytes]


class RawStream:
    """What has arrived so far; of its compressed blocks at most ``max_bytes`` are kept, those of the
    middle being dropped first."""

    def __init__(
        self, max_bytes: int, *, secret: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.dropped = 0
        # A refusal may quote a key that is not even ours.
        self.masks_any_key = False
        self._clock = clock
        self._started = clock()
        self._held = bytearray()
        # Of each piece its bytes and its milliseconds, as far as they are not packed yet.
        self._sizes, self._moments = array("I"), array("I")
        self._packed_size = self._packed_until = 0
        self._packed_sizes: list[bytes] = []
        self._packed_waits: list[bytes] = []
        self._head: list[bytes] = []
        self._head_room = max_bytes // 2
        self._is_head_full = False
        # Each with its size before it was compressed.
        self._tail: deque[tuple[bytes, int]] = deque()
        self._tail_room = max_bytes - self._head_room
        self._forms = _forms_of(secret)
        # So much of a key may wait at the end of a block for its rest.
        self._overlap = max(map(len, self._forms), default=1) - 1

    @property
    def size(self) -> int:
        """Of all that came, kept or not."""
        return self._packed_size + sum(self._sizes)

    @property
    def pieces(self) -> int:
        return len(self._packed_sizes) * _MARKS_AT_ONCE + len(self._sizes)

    @property
    def elapsed_ms(self) -> int:
        return int((self._clock() - self._started) * 1000)

    def add(self, data: bytes) -> None:
        self._held += data
        self._sizes.append(len(data))
        self._moments.append(int((self._clock() - self._started) * 1000))
        if len(self._held) >= BLOCK_BYTES:
            self._fold(self._overlap)
        if len(self._sizes) > _MARKS_AT_ONCE:
            self._fold_marks()

    def pack(self) -> bytes:
        """All that is kept, for :class:`KeptStream`. Nothing may be added after that."""
        self._fold(0)
        return msgspec.msgpack.encode(
            _Packed(
                version=1,
                blocks=[*self._head, *(block for block, _ in self._tail)],
                head=len(self._head),
                dropped=self.dropped,
                sizes=[*self._packed_sizes, _compressed(self._sizes)],
                waits=[*self._packed_waits, _compressed(_waits(self._packed_until, self._moments))],
            )
        )

    def _fold(self, overlap: int) -> None:
        """Compress what is held, but for an end in which a key may have begun."""
        self._mask()
        size = len(self._held) - overlap
        if size <= 0:
            return
        block = zlib.compress(self._held[:size], _LEVEL)
        del self._held[:size]
        self._head_room -= len(block)
        self._is_head_full |= self._head_room < 0
        if not self._is_head_full:
            self._head.append(block)
            return
        self._tail.append((block, size))
        self._tail_room -= len(block)
        while self._tail_room < 0:
            oldest, its_size = self._tail.popleft()
            self._tail_room += len(oldest)
            self.dropped += its_size

    def _fold_marks(self) -> None:
        """Compress the marks, but for the last: its piece may have to take others in."""
        if self.pieces > MOST_PIECES:
            joined = self._sizes.pop() + self._sizes.pop()
            self._sizes.append(joined)
            self._moments.pop()
            return
        sizes, moments = self._sizes[:_MARKS_AT_ONCE], self._moments[:_MARKS_AT_ONCE]
        del self._sizes[:_MARKS_AT_ONCE], self._moments[:_MARKS_AT_ONCE]
        self._packed_sizes.append(_compressed(sizes))
        self._packed_waits.append(_compressed(_waits(self._packed_until, moments)))
        self._packed_size += sum(sizes)
        self._packed_until = moments[-1]

    def _mask(self) -> None:
        for form in self._forms:
            if form in self._held:
                self._held = self._held.replace(form, _mask_of(len(form)))
        if self.masks_any_key:
            self._held = bytearray(_KEY_LIKE.sub(_masked, self._held))


@dataclass(frozen=True, slots=True)
class Piece:
    """``ms`` is since the request."""

    ms: int
    data: bytes


class KeptStream:
    """What :meth:`RawStream.pack` kept, without the ``dropped`` bytes from its middle."""

    def __init__(self, packed: bytes) -> None:
        self._packed = msgspec.msgpack.decode(packed, type=_Packed) if packed else _NOTHING

    @property
    def dropped(self) -> int:
        return self._packed.dropped

    def blocks(self) -> Iterator[bytes]:
        """All bytes, some at a time."""
        return map(zlib.decompress, self._packed.blocks)

    def pieces(self) -> Iterator[Piece]:
        """As they arrived. Of one that was dropped in part there is the rest, of others nothing."""
        gap = _Gap(self.blocks(), self._packed.head, self._packed.dropped)
        ms = 0
        for size, wait in zip(_marks(self._packed.sizes), _marks(self._packed.waits), strict=True):
            ms += wait
            if data := gap.take(size):
                yield Piece(ms, data)


class _Gap:
    """Hands out a stream's bytes by their number as they arrived, nothing for those that are missing."""

    def __init__(self, blocks: Iterator[bytes], before: int, missing: int) -> None:
        self._blocks = blocks
        self._before = before
        self._missing = missing
        self._held = bytearray()

    def take(self, size: int) -> bytes:
        taken = bytearray()
        while size:
            if not self._held:
                size = self._skip(size)
                if not size or not self._refill():
                    break
            taken += self._held[:size]
            given = min(size, len(self._held))
            del self._held[:given]
            size -= given
        return bytes(taken)

    def _skip(self, size: int) -> int:
        """What is left of ``size`` once the gap is behind us, where we stand before it."""
        if self._before:
            return size
        skipped = min(size, self._missing)
        self._missing -= skipped
        return size - skipped

    def _refill(self) -> bool:
        self._held += next(self._blocks, b"")
        self._before -= 1 if self._before else 0
        return bool(self._held)


_NOTHING = _Packed(version=1, blocks=[], head=0, dropped=0, sizes=[], waits=[])


def _forms_of(secret: str) -> list[bytes]:
    """The ways in which an answer may spell a key: as it is, in JSON, and in a URL."""
    if len(secret) < _SHORTEST_SECRET:
        return []
    quoted = json.dumps(secret)[1:-1]
    forms = {secret, quoted, quoted.replace("/", "\\/"), quote(secret), quote(secret, safe="")}
    return sorted((form.encode() for form in forms), key=len, reverse=True)


def _mask_of(length: int) -> bytes:
    return b"[key" + b"." * (length - 5) + b"]"


def _masked(found: re.Match[bytes]) -> bytes:
    kept = found[1] or found[2]
    return kept + b"*" * (len(found[0]) - len(kept))


def _waits(since: int, moments: array[int]) -> array[int]:
    """What lies between neighbours compresses better than they do."""
    return array("I", (moment - before for before, moment in pairwise([since, *moments])))


def _compressed(marks: array[int]) -> bytes:
    if sys.byteorder == "big":
        marks = array("I", marks)
        marks.byteswap()
    return zlib.compress(marks.tobytes(), _LEVEL)


def _marks(packed: list[bytes]) -> Iterator[int]:
    for block in packed:
        marks = array("I", zlib.decompress(block))
        if sys.byteorder == "big":
            marks.byteswap()
        yield from marks
