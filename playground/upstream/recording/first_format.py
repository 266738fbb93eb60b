"""The reader of streams that were stored before pieces and times shared a block.

A block held bytes only and could end inside a piece. Sizes and waits were listed apart, for dropped pieces as
well. Nothing writes this format any more.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Iterator

import msgspec


class FirstPackedStream(msgspec.Struct, array_like=True, frozen=True, tag=1):
    # Each compressed on its own. ``dropped`` bytes are missing after the first ``head`` blocks.
    blocks: list[bytes]
    head: int
    dropped: int
    # The bytes of each piece, and its milliseconds since the piece before: little-endian and compressed.
    sizes: list[bytes]
    waits: list[bytes]


def pieces(packed: FirstPackedStream) -> Iterator[tuple[int, bytes]]:
    """Yield milliseconds and bytes of each piece. A piece that was dropped in part has only its rest."""
    head = b"".join(map(zlib.decompress, packed.blocks[: packed.head]))
    end = b"".join(map(zlib.decompress, packed.blocks[packed.head :]))
    gap_end = len(head) + packed.dropped
    begin = ms = 0
    for size, wait in zip(_marks(packed.sizes), _marks(packed.waits), strict=True):
        ms += wait
        stop = begin + size
        data = head[begin:stop] + end[max(0, begin - gap_end) : max(0, stop - gap_end)]
        if data:
            yield ms, data
        begin = stop


def _marks(packed: list[bytes]) -> Iterator[int]:
    for block in packed:
        marks = array("I", zlib.decompress(block))
        if sys.byteorder == "big":
            marks.byteswap()
        yield from marks
