from __future__ import annotations

import asyncio
from itertools import pairwise

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.upstream.errors.exceptions import BrokenAnswer, FailureKind
from playground.upstream.events import Failed, Finished, TextDelta
from playground.upstream.transport.wire import Dechunker, HeadFirstStream
from tests.raw_upstream import (
    DONE,
    END,
    STREAM,
    WHOLE,
    Visit,
    chunked,
    delta,
    failure_of,
    gather,
    opened_client,
    play,
    raw_upstream,
    request_to,
    text_of,
)

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def dechunk(*pieces: bytes) -> tuple[bytes, bool, bytes]:
    dechunker = Dechunker()
    body = b"".join(dechunker.feed(piece) for piece in pieces if not dechunker.is_over)
    if dechunker.error is not None:
        raise dechunker.error
    return body, dechunker.is_over, dechunker.rest


# --- chunks ---


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"0\r\n\r\n", (b"", True, b"")),
        (b"3\r\nabc\r\n0\r\n\r\n", (b"abc", True, b"")),
        (b"A\r\n0123456789\r\na\r\n0123456789\r\n", (b"0123456789" * 2, False, b"")),
        (b"003;name=value\r\nabc\r\n0;x\r\n\r\n", (b"abc", True, b"")),
        (b"3 \r\nabc\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\nmore", (b"abc", True, b"more")),
        (b"3\nabc\n0\n\n", (b"abc", True, b"")),
        (b"3\r\n\r\n\n\r\n0\r\n\r\n", (b"\r\n\n", True, b"")),
    ],
)
def test_it_takes_the_framing_off_wherever_it_is_cut(stream, expected):
    assert dechunk(stream) == expected
    for cut in range(1, len(stream) - len(expected[2])):
        assert dechunk(stream[:cut], stream[cut:]) == expected, f"cut at {cut}"


@pytest.mark.parametrize(
    "stream",
    [
        b"\r\n",
        b"x\r\n",
        b"-1\r\n",
        b"+1\r\na\r\n",
        b"0x1\r\na\r\n",
        b"123456789\r\n",
        b"3\r\nabcd\r\n",
        b"3\r\nabc3\r\n",
        b"1" * 2_000,
        b"0\r\n" + b"Trailer: x\r\n" * 10_000,
        b"data: {}\n\n",
    ],
)
def test_it_refuses_any_other_framing(stream):
    with pytest.raises(BrokenAnswer) as caught:
        dechunk(stream)
    assert caught.value.kind is FailureKind.MALFORMED


@pytest.mark.parametrize("cut", range(10))
def test_it_gives_out_what_came_before_the_framing_broke(cut):
    stream = b"5\r\nhello\r\nzz\r\n"
    dechunker, body = Dechunker(), b""
    with pytest.raises(BrokenAnswer):
        for piece in (stream[:cut], stream[cut:], b"more"):
            body += dechunker.feed(piece)
    assert body == b"hello"


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.data())
def test_it_agrees_with_a_complete_http_parser(chunks, data):
    stream = chunked(*chunks) + END
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    body, is_over, rest = dechunk(*(stream[start:end] for start, end in pairwise([0, *cuts, len(stream)])))
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    parser.send(h11.EndOfMessage())
    parser.receive_data(HEAD + stream)
    parser.next_event()
    expected = b""
    while isinstance(event := parser.next_event(), h11.Data):
        expected += event.data
    assert isinstance(event, h11.EndOfMessage)
    assert (body, is_over, rest) == (expected, True, b"")


# --- heads ---


class Pieces:
    """A connection with these bytes to read, piece by piece."""

    def __init__(self, *pieces: bytes) -> None:
        self.left = list(pieces)
        self.sent = b""

    async def read(self, max_bytes, timeout=None):  # noqa: ASYNC109
        return self.left.pop(0) if self.left else b""

    async def write(self, buffer, timeout=None):  # noqa: ASYNC109
        self.sent += buffer

    async def aclose(self):
        self.left.clear()

    async def start_tls(self, ssl_context, server_hostname=None, timeout=None):  # noqa: ASYNC109
        return Pieces(*self.left)

    def get_extra_info(self, info):
        return None


async def read_head(*pieces: bytes) -> tuple[bytes, bytes]:
    """Return the bytes up to the end of the head, and the beginning of the body."""
    stream = HeadFirstStream(Pieces(*pieces))
    await stream.write(b"GET / HTTP/1.1\r\n\r\n")
    head = b""
    while not stream.is_at_body:
        data = await stream.read(100)
        assert data
        head += data
    return head, await stream.read_body()


async def test_it_stops_at_the_end_of_a_head_wherever_it_is_cut():
    whole = HEAD + b"5\r\n\r\n\r\n!\r\n"
    for cut in range(1, len(whole)):
        head, body = await read_head(whole[:cut], whole[cut:])
        assert head == HEAD
        assert body in (whole[len(HEAD) :], whole[len(HEAD) : cut])
    assert (await read_head(*(whole[index : index + 1] for index in range(len(whole)))))[0] == HEAD


async def test_it_hands_out_the_body_to_whoever_reads_on():
    stream = HeadFirstStream(Pieces(HEAD + b"one", b"two"))
    assert await stream.read(1000) == HEAD
    assert stream.get_extra_info("is_readable")
    assert [await stream.read(1000), await stream.read(1000)] == [b"one", b"two"]
    assert not stream.is_at_body


async def test_it_looks_for_the_next_head_after_the_next_request():
    stream = HeadFirstStream(Pieces(HEAD, b"body\n\nbody", HEAD + b"more"))
    assert await stream.read(1000) == HEAD
    assert await stream.read(1000) == b"body\n\nbody"
    await stream.write(b"GET")
    assert await stream.read(1000) == HEAD
    assert stream.is_at_body


async def test_it_holds_heads_back_behind_tls_too():
    stream = await HeadFirstStream(Pieces(HEAD + b"body")).start_tls(None)  # type: ignore[arg-type]
    assert (await stream.read(1000), stream.is_at_body) == (HEAD, True)


# --- both, through the client ---


async def test_it_gives_all_that_one_read_brought_at_once():
    batches = []
    async with raw_upstream(WHOLE) as upstream, opened_client() as client:
        async for batch in client.stream(request_to(upstream)):
            batches.append(batch)
    # A single write sends head and body, so one read brings both.
    assert batches == [[TextDelta("Hel"), TextDelta("lo"), Finished("stop")]]


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n" + STREAM,
        STREAM.replace(b"\r\n", b"\n"),
        STREAM.replace(b"chunked", b"Chunked"),
        STREAM.replace(b"\r\n\r\n", b"\r\nX-Long: " + b"x" * 9_000 + b"\r\n\r\n"),
    ],
)
async def test_it_reads_streams_under_any_head(head):
    assert text_of(await play(head + chunked(delta("Hel"), delta("lo", "stop"), DONE) + END)) == "Hello"


async def test_it_reads_past_trailers_and_uses_the_connection_again():
    script = STREAM + chunked(delta("a", "stop"), DONE) + b"0\r\nX-Trailer: 1\r\n\r\n"
    async with raw_upstream(script) as upstream, opened_client() as client:
        for _ in range(3):
            assert text_of(await gather(client, request_to(upstream))) == "a"
        assert (len(upstream.visits), upstream.most_connections) == (3, 1)


async def test_it_uses_no_connection_again_that_sent_too_much():
    injected = STREAM + chunked(delta("not an answer to anything", "stop"), DONE) + END
    async with raw_upstream(WHOLE + injected) as upstream, opened_client() as client:
        for _ in range(2):
            assert text_of(await gather(client, request_to(upstream))) == "Hello"


async def test_it_says_when_the_framing_breaks():
    async def script(visit: Visit) -> None:
        await visit.send(STREAM + chunked(delta("Half")) + b"no size\r\n")
        await visit.until_gone()

    failed = await failure_of(script)
    assert failed.kind is FailureKind.MALFORMED


async def test_it_tells_an_end_of_file_from_an_end():
    async def script(visit: Visit) -> None:
        await visit.send(STREAM + chunked(delta("Half")))
        visit.writer.close()

    events = await play(script)
    assert events[0] == TextDelta("Half")
    assert isinstance(events[1], Failed)
    assert events[1].kind is FailureKind.CUT


async def test_it_closes_a_connection_that_it_left_within_a_body():
    async def script(visit: Visit) -> None:
        await visit.send(STREAM + chunked(delta("a", "stop"), DONE))
        await visit.until_gone()

    async with raw_upstream(script) as upstream, opened_client() as client:
        await gather(client, request_to(upstream))
        async with asyncio.timeout(5):
            await upstream.all_gone.wait()
