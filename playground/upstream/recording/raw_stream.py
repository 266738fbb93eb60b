"""The bytes of an answer as they arrived, piece by piece with their times, in little memory.

Pieces are collected up to 32 KiB and then compressed with zlib, with their times, as one block. Every block
can be read without the others, so blocks can be dropped from the middle of a long answer. ``bench.parse``
measures the cost of a token.
"""

from __future__ import annotations

import json
import re
import time
import zlib
from array import array
from collections import deque
from itertools import accumulate
from operator import sub
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from playground.upstream.recording.kept_stream import Block, PackedStream

if TYPE_CHECKING:
    from collections.abc import Callable

# zlib looks back over 32 KiB. Smaller blocks would compress worse, larger ones take more memory per stream.
BLOCK_BYTES = 32 * 1024
# The fastest level still makes a chat API's stream smaller by a factor of thirty.
_LEVEL = 1
# Beyond this number the pieces of a block are joined: so many times would be of no use.
MOST_PIECES = 500_000
_KEY_LIKE = re.compile(rb"\b((?:sk|key|pk)-)[\w*-]{8,}|(Bearer )[\w.*~+/=-]{8,}")
# The replacement for a key in a stored stream. It is as long as the key was.
MASK = re.compile(r"\[key\.+\]")
# A shorter "secret" is an ordinary word, such as the “ollama” that some servers ask for.
_SHORTEST_SECRET = 8


class RawStream:
    """The pieces received so far.

    At most ``max_bytes`` of compressed blocks are kept; the middle is dropped first.
    """

    def __init__(
        self, max_bytes: int, *, secret: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        # Bytes dropped from the middle.
        self.dropped = 0
        # Set for refusals, which may quote a key that is not even ours.
        self.masks_any_key = False
        self._clock = clock
        self._started = clock()
        # The pieces that are in no block yet: their bytes, sizes and milliseconds.
        self._held = bytearray()
        self._sizes, self._moments = array("I"), array("I")
        self._packed_size = self._packed_pieces = 0
        self._head: list[bytes] = []
        self._head_room = max_bytes // 2
        self._is_head_full = False
        # Compressed blocks and their sizes before compression.
        self._end: deque[tuple[bytes, int]] = deque()
        self._end_room = max_bytes - self._head_room
        self._forms = _forms_of(secret)
        # The size of the longest incomplete key that a block can end with.
        self._overlap = max(map(len, self._forms), default=1) - 1

    @property
    def size(self) -> int:
        """Bytes received, including dropped ones."""
        return self._packed_size + len(self._held)

    @property
    def pieces(self) -> int:
        """Pieces received, including dropped ones."""
        return self._packed_pieces + len(self._sizes)

    @property
    def elapsed_ms(self) -> int:
        return int((self._clock() - self._started) * 1000)

    def add(self, data: bytes) -> None:
        self._held += data
        self._sizes.append(len(data))
        self._moments.append(int((self._clock() - self._started) * 1000))
        if len(self._held) >= BLOCK_BYTES:
            self._fold(self._overlap)

    def pack(self) -> bytes:
        """Return all that is kept, for ``KeptStream``. Nothing may be added after that."""
        self._fold(0)
        return msgspec.msgpack.encode(
            PackedStream(blocks=[*self._head, *(block for block, _ in self._end)], dropped=self.dropped)
        )

    def _fold(self, overlap: int) -> None:
        """Make a block of the pieces that end before the last ``overlap`` bytes, in which a key may begin."""
        self._mask()
        limit = len(self._held) - overlap
        count = sum(1 for end in accumulate(self._sizes) if end <= limit)
        if not count:
            return
        sizes, moments = self._sizes[:count].tolist(), self._moments[:count].tolist()
        size = sum(sizes)
        if self._packed_pieces >= MOST_PIECES:
            sizes, moments = [size], moments[:1]
        # Waits compress better than moments.
        waits = [moments[0], *map(sub, moments[1:], moments)]
        block = msgspec.msgpack.encode(Block(waits, sizes, bytes(self._held[:size])))
        del self._held[:size], self._sizes[:count], self._moments[:count]
        self._packed_size += size
        self._packed_pieces += len(sizes)
        self._store(zlib.compress(block, _LEVEL), size)

    def _store(self, block: bytes, size: int) -> None:
        self._head_room -= len(block)
        self._is_head_full |= self._head_room < 0
        if not self._is_head_full:
            self._head.append(block)
            return
        self._end.append((block, size))
        self._end_room -= len(block)
        while self._end_room < 0:
            oldest, its_size = self._end.popleft()
            self._end_room += len(oldest)
            self.dropped += its_size

    def _mask(self) -> None:
        for form in self._forms:
            if form in self._held:
                self._held = self._held.replace(form, _mask_of(len(form)))
        if self.masks_any_key:
            self._held = bytearray(_KEY_LIKE.sub(_masked, self._held))


def _forms_of(secret: str) -> list[bytes]:
    """Return the spellings of a key in an answer: as it is, in JSON, and in a URL."""
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
