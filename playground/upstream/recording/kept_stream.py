"""Stored streams of answers: their format, and how they are read."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from playground.upstream.recording import first_format

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Piece:
    """A network read; ``ms`` counts from the request."""

    ms: int
    data: bytes


class Block(msgspec.Struct, array_like=True, frozen=True):
    """Consecutive pieces."""

    # Milliseconds from the request to the first piece, and from each piece to the next.
    waits: list[int]
    sizes: list[int]
    # The bytes of all pieces, joined.
    data: bytes


class PackedStream(msgspec.Struct, array_like=True, frozen=True, tag=2):
    # Each is a ``Block`` in MessagePack, compressed with zlib.
    blocks: list[bytes]
    # Bytes that are missing somewhere between two blocks.
    dropped: int


class KeptStream:
    """A stream that :meth:`RawStream.pack` stored, in today's format or in the first one."""

    def __init__(self, packed: bytes) -> None:
        self._packed: PackedStream | first_format.FirstPackedStream = (
            msgspec.msgpack.decode(packed, type=PackedStream | first_format.FirstPackedStream)
            if packed
            else PackedStream(blocks=[], dropped=0)
        )

    @property
    def dropped(self) -> int:
        """Bytes missing from the middle."""
        return self._packed.dropped

    @property
    def data(self) -> bytes:
        """All bytes that were kept."""
        return b"".join(piece.data for piece in self.pieces())

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces as they arrived, without the dropped ones."""
        if isinstance(self._packed, first_format.FirstPackedStream):
            yield from (Piece(ms, data) for ms, data in first_format.pieces(self._packed))
            return
        for packed in self._packed.blocks:
            block = msgspec.msgpack.decode(zlib.decompress(packed), type=Block)
            begin = 0
            for ms, size in zip(accumulate(block.waits), block.sizes, strict=True):
                yield Piece(ms, block.data[begin : begin + size])
                begin += size
