"""Recorded streams keep every byte and millisecond, in bounded memory, and without keys."""

from __future__ import annotations

import random
import tracemalloc
from base64 import b64decode
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.upstream.recording import raw_stream
from playground.upstream.recording.kept_stream import KeptStream, Piece
from playground.upstream.recording.raw_stream import BLOCK_BYTES, RawStream

ROOMY = 64 * 1024 * 1024
SECRET = "sk-test-0123456789/abcdef"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def kept(pieces: list[bytes], max_bytes: int = ROOMY, secret: str = "") -> KeptStream:
    stream = RawStream(max_bytes, secret=secret)
    for piece in pieces:
        stream.add(piece)
    return KeptStream(stream.pack())


def data_of(stream: KeptStream) -> list[bytes]:
    return [piece.data for piece in stream.pieces()]


def noise(size: int, seed: int = 1) -> bytes:
    """Return bytes that do not compress."""
    return random.Random(seed).randbytes(size)


def test_it_keeps_each_piece_with_its_time():
    clock = Clock()
    stream = RawStream(ROOMY, clock=clock)
    for wait, data in ((0.25, b"a"), (0.0, b"bc"), (1.5, b"d")):
        clock.now += wait
        stream.add(data)
    found = KeptStream(stream.pack())
    assert list(found.pieces()) == [Piece(250, b"a"), Piece(250, b"bc"), Piece(1750, b"d")]
    assert (stream.size, stream.pieces, stream.dropped, found.dropped) == (4, 3, 0, 0)


def test_nothing_is_nothing():
    assert list(kept([]).pieces()) == []
    assert list(KeptStream(b"").pieces()) == []


@settings(deadline=None)
@given(
    st.lists(
        st.binary(min_size=1, max_size=300) | st.sampled_from([b"x" * 40_000, noise(50_000)]), max_size=20
    )
)
def test_whatever_arrives_is_given_back(pieces):
    found = kept(pieces)
    assert data_of(found) == pieces
    assert found.data == b"".join(pieces)


def test_it_keeps_thousands_of_small_pieces():
    pieces = [b"%d" % number for number in range(20_000)]
    assert data_of(kept(pieces)) == pieces


def test_beyond_a_bound_it_joins_pieces(monkeypatch):
    monkeypatch.setattr(raw_stream, "MOST_PIECES", 5_000)
    pieces = [b"%d" % number for number in range(40_000)]
    stream = RawStream(ROOMY)
    for piece in pieces:
        stream.add(piece)
    found = KeptStream(stream.pack())
    assert found.data == b"".join(pieces) == b"".join(data_of(found))
    assert data_of(found)[:5_000] == pieces[:5_000]
    assert stream.pieces == len(data_of(found)) < 20_000


# --- its bound ---


@pytest.mark.parametrize("size", [1, 700, BLOCK_BYTES, 3 * BLOCK_BYTES])
def test_of_what_is_too_long_it_drops_the_middle_and_says_how_much(size):
    data = noise(20 * BLOCK_BYTES)
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    stream = RawStream(8 * BLOCK_BYTES)
    for piece in pieces:
        stream.add(piece)
    packed = stream.pack()
    found = KeptStream(packed)
    left = found.data

    assert 0 < stream.dropped == found.dropped == len(data) - len(left)
    head = next(n for n in range(len(left)) if not data.startswith(left[: n + 1]))
    assert data.startswith(left[:head]) and data.endswith(left[head:])
    assert head and left[head:]
    assert b"".join(data_of(found)) == left
    assert len(left) <= 8 * BLOCK_BYTES
    assert set(data_of(found)[:2]) <= set(pieces)


@settings(deadline=None)
@given(st.integers(0, 6 * BLOCK_BYTES), st.lists(st.integers(1, 3 * BLOCK_BYTES), max_size=12))
def test_no_bound_makes_it_forget_the_order(max_bytes, sizes):
    data = noise(sum(sizes))
    ends = [0, *(sum(sizes[: n + 1]) for n in range(len(sizes)))]
    found = kept([data[start:end] for start, end in pairwise(ends)], max_bytes)
    left = found.data
    assert len(left) + found.dropped == len(data)
    assert any(data.startswith(left[:cut]) and data.endswith(left[cut:]) for cut in cuts(left, data))
    assert b"".join(data_of(found)) == left


def cuts(left: bytes, data: bytes) -> list[int]:
    """Return the possible places of the gap: those up to the first different byte."""
    same = next(
        (n for n, (one, other) in enumerate(zip(left, data, strict=False)) if one != other), len(left)
    )
    return list(range(max(0, same - 8), same + 1))


def test_an_answer_of_a_hundred_thousand_tokens_takes_little_memory():
    chunk = b'data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":" %x"}}]}\n\n'
    dice = random.Random(1)
    tracemalloc.start()
    try:
        stream = RawStream(4 * 1024 * 1024, secret=SECRET)
        for _ in range(100_000):
            stream.add(chunk % dice.getrandbits(24))
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert stream.dropped == 0
    assert used < 2 * 1024 * 1024


# --- rows stored before blocks held whole pieces ---

# The pieces below and "data: 0" to "data: 19", in blocks of 16 bytes with a bound of 120 bytes.
FIRST_FORMAT = b64decode(
    "lgGVxBV4AUtJLEm0UsjPS+XiSgEyASfrBOXEFngBs1IoKc/n4kpJLEm0UogGAB56BBjEDXgBy06t1AMDAA4JAl7EFngBs1Iw"
    "NOfiSkksSbRSMLQAABaHAzTEHHgB4+JKSSxJtFIwtOSCsqJd/P1cY7m4AFc2Bm0DzLWXxBN4AeNmYGBgB2IWIBYGYgABgAAq"
    "xA54AeNjYGDgRMIAAcgAKsQOeAHjZGBg4ETCAAF4ACXEEXgB42RgYOCEYi4gDQABfAAmxA54AeNiYGDgQsIAAaAAKcQOeAHj"
    "YmBg4ELCAAGgACnEDngB42JgYOADYgAAkAAZl8QTeAFjYGBgMATiFCCeBsQAB9QBLMQVeAE7ycDA8AuItRkZGOKAGAAbMgJP"
    "xBV4AZvAyMBwGIi/ALEqEwMDABqPAnLEE3gBi2BiYOgC4r1A/A6IARXwApbEE3gBk2dmYAgC4hYg3g7EAA1AAbnEFXgBe8HM"
    "wCDJwsDgA8R1QAwAFJUB28QOeAHbyMLA8AiIAQlAAZw="
)


def test_it_reads_what_was_stored_in_the_first_format():
    stream = KeptStream(FIRST_FORMAT)
    assert stream.dropped == 181
    assert list(stream.pieces()) == [
        Piece(0, b"data: one\n\n"),
        Piece(49, b"data: t"),
        Piece(149, b"wo\n\n"),
        Piece(299, b"data: [key......"),
        Piece(12_649, b": 17\n\n"),
        Piece(13_799, b"data: 18\n\n"),
        Piece(15_000, b"data: 19\n\n"),
        Piece(16_250, b"data: [DONE]\n\n"),
    ]
    assert stream.data == b"".join(data_of(stream))


# --- keys ---


@pytest.mark.parametrize(
    "shape", [SECRET, SECRET.replace("/", "\\/"), "sk-test-0123456789%2Fabcdef"], ids=["text", "json", "url"]
)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_key_is_in_none_of_it_however_it_is_cut(shape, data):
    before = data.draw(st.integers(0, 2)) * b"x" * (BLOCK_BYTES // 2)
    text = before + b"s" * data.draw(st.integers(0, 40)) + shape.encode() + b"after"
    text += b"y" * data.draw(st.sampled_from([0, BLOCK_BYTES])) + shape.encode()
    points = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[start:end] for start, end in pairwise([0, *points, len(text)]) if start < end]
    found = kept(pieces, secret=SECRET)
    left = found.data
    assert b"0123456789" not in left
    assert left.count(b"[key...") == 2
    assert list(map(len, data_of(found))) == list(map(len, pieces))


def test_a_word_that_stands_for_a_key_is_no_secret():
    assert kept([b"I run in ollama."], secret="ollama").data == b"I run in ollama."


def test_where_a_request_was_refused_any_key_is_masked():
    stream = RawStream(ROOMY)
    stream.masks_any_key = True
    body = b'{"error": "Wrong key: sk-elses-0123456789, or Bearer abcdefghijkl"}'
    stream.add(body)
    left = KeptStream(stream.pack()).data
    assert left == b'{"error": "Wrong key: sk-****************, or Bearer ************"}'
    assert len(left) == len(body)
