"""Connections on real sockets: reading, writing, closing."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress

import httpcore
import pytest

from playground.upstream.transport.sockets import SocketBackend
from tests.playground.socket_peers import (
    LARGE,
    PATIENCE,
    connect_to,
    expect_end,
    read_all,
    receive_all,
    turns,
)


async def test_it_reads_what_is_there_and_then_what_comes(either):
    either.peer.sendall(b"first")
    assert await either.stream.read(100) == b"first"
    waiting = asyncio.create_task(either.stream.read(100))
    await turns()
    assert not waiting.done()
    either.peer.sendall(b"second")
    assert await waiting == b"second"


async def test_it_gives_out_at_once_what_came_meanwhile(link):
    for word in (b"one ", b"two ", b"three"):
        link.peer.sendall(word)
        await turns()
    assert [await link.stream.read(6), await link.stream.read(100)] == [b"one tw", b"o three"]


async def test_it_waits_without_a_timer(link, monkeypatch):
    def no_timer(*_):
        raise AssertionError("a timer for a read")

    monkeypatch.setattr(asyncio.get_running_loop(), "call_at", no_timer)
    waiting = asyncio.create_task(link.stream.read(100))
    await turns()
    link.peer.sendall(b"a")
    assert await waiting == b"a"


async def test_it_gives_up_reading_in_time_and_loses_nothing(either):
    with pytest.raises(httpcore.ReadTimeout):
        await either.stream.read(100, timeout=0.01)
    either.peer.sendall(b"late")
    assert await either.stream.read(100, timeout=PATIENCE) == b"late"


async def test_it_can_be_cancelled_while_it_reads(either):
    waiting = asyncio.create_task(either.stream.read(100))
    await turns()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    either.peer.sendall(b"still here")
    assert await either.stream.read(100) == b"still here"


async def test_it_loses_nothing_to_a_cancellation_that_comes_with_the_data(link):
    waiting = asyncio.create_task(link.stream.read(100))
    await turns()
    link.stream.get_buffer(-1)[:12] = b"both at once"
    link.stream.buffer_updated(12)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await link.stream.read(100) == b"both at once"


async def test_it_makes_the_peer_wait_for_a_busy_reader(either):
    either.peer.setblocking(False)
    sent = idle = 0
    while sent < len(LARGE) and idle < 100:
        try:
            sent += either.peer.send(LARGE[sent : sent + 16_384])
            idle = 0
        except (BlockingIOError, ssl.SSLWantWriteError):
            idle += 1
            await turns(1)
    assert sent < 2 * 1024 * 1024
    either.peer.settimeout(PATIENCE)
    sending = asyncio.create_task(asyncio.to_thread(either.peer.sendall, LARGE[sent:]))
    assert await read_all(either.stream, len(LARGE)) == LARGE
    await sending


# --- writing ---


async def test_it_writes_no_faster_than_the_peer_reads(either):
    async def write() -> None:
        for start in range(0, len(LARGE), 1024 * 1024):
            await either.stream.write(LARGE[start : start + 1024 * 1024])
        await either.stream.write(b"")

    writing = asyncio.create_task(write())
    await turns(1000)
    assert not writing.done()
    assert await asyncio.to_thread(receive_all, either.peer, len(LARGE)) == LARGE
    await writing


async def test_it_gives_up_writing_in_time(either):
    with pytest.raises(httpcore.WriteTimeout):
        while True:
            await either.stream.write(LARGE, timeout=0.01)


async def test_it_can_be_cancelled_while_it_writes(either):
    writing = asyncio.create_task(either.stream.write(LARGE))
    await turns()
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing
    await either.stream.aclose()
    assert either.is_closed
    with suppress(ssl.SSLError):
        assert len(await asyncio.to_thread(receive_all, either.peer, len(LARGE))) < len(LARGE)


@pytest.mark.parametrize("count", [0, 10])
async def test_it_cannot_write_to_a_peer_that_is_gone(either, count):
    either.reset()
    # The loop has noticed the reset, or the write is the first to.
    await turns(count)
    # Under TLS, bytes are accepted before the socket takes them.
    with pytest.raises(httpcore.NetworkError):
        await either.stream.write(b"anybody?")
        await turns()
        await either.stream.write(b"anybody?")
    await turns()
    with pytest.raises(httpcore.ReadError):
        await either.stream.read(100)


async def test_it_stops_writing_when_the_peer_goes(link):
    writing = asyncio.create_task(link.stream.write(LARGE))
    await turns()
    link.reset()
    with pytest.raises(httpcore.WriteError):
        await writing


# --- ends ---


async def test_it_may_speak_after_the_peer_has_said_all(link):
    link.peer.sendall(b"last words")
    link.peer.shutdown(socket.SHUT_WR)
    assert [await link.stream.read(100) for _ in range(3)] == [b"last words", b"", b""]
    await link.stream.write(b"and mine")
    assert link.peer.recv(100) == b"and mine"


async def test_it_tells_a_reset_from_an_end(link):
    link.peer.sendall(b"kept")
    await turns()
    link.reset()
    await turns()
    assert await link.stream.read(100) == b"kept"
    for _ in range(2):
        with pytest.raises(httpcore.ReadError):
            await link.stream.read(100)


async def test_it_ends_when_the_peer_ends_under_tls(link, certificate):
    await link.secure(certificate)
    link.peer.sendall(b"last words")
    link.peer.close()
    assert [await link.stream.read(100) for _ in range(3)] == [b"last words", b"", b""]


async def test_a_reader_wakes_when_the_peer_goes(either):
    waiting = asyncio.create_task(either.stream.read(100))
    await turns()
    either.reset()
    with suppress(httpcore.ReadError):
        assert await waiting == b""


async def test_closing_wakes_whoever_waits(link):
    reading = asyncio.create_task(link.stream.read(100))
    writing = asyncio.create_task(link.stream.write(LARGE))
    await turns()
    await link.stream.aclose()
    with pytest.raises(httpcore.ReadError):
        await reading
    with pytest.raises(httpcore.WriteError):
        await writing


async def test_it_closes_for_good(either):
    either.peer.sendall(b"never read")
    await turns()
    for _ in range(3):
        await either.stream.aclose()
        assert either.is_closed
        assert either.is_readable
    with pytest.raises(httpcore.ReadError):
        await either.stream.read(100)
    with pytest.raises(httpcore.WriteError):
        await either.stream.write(b"a")


async def test_it_closes_though_the_peer_takes_nothing(either):
    with pytest.raises(httpcore.WriteTimeout):
        while True:
            await either.stream.write(LARGE, timeout=0.01)
    await either.stream.aclose()
    assert either.is_closed


async def test_it_says_goodbye_under_tls_and_waits_for_no_answer(link, certificate):
    await link.secure(certificate)
    link.peer.suppress_ragged_eofs = False
    await link.stream.aclose()
    assert link.is_closed
    assert link.peer.recv(100) == b""


# --- what the pool asks ---


@pytest.mark.parametrize("count", [0, 10])
@pytest.mark.parametrize("act", [lambda link: link.peer.close(), lambda link: link.peer.sendall(b"unasked")])
async def test_it_knows_that_an_idle_connection_is_none(either, act, count):
    await turns()
    assert not either.is_readable
    act(either)
    # The loop has noticed it, or has been too busy.
    await turns(count)
    assert either.is_readable


async def test_it_knows_its_addresses(either):
    assert either.stream.get_extra_info("server_addr") == either.peer.getsockname()
    assert either.stream.get_extra_info("client_addr") == either.peer.getpeername()
    assert either.stream.get_extra_info("anything else") is None


async def test_it_knows_how_it_is_secured(link, certificate):
    assert link.stream.get_extra_info("ssl_object") is None
    await link.secure(certificate)
    assert link.stream.get_extra_info("ssl_object").version() == "TLSv1.3"


# --- connecting ---


async def test_it_says_when_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(httpcore.ConnectError):
        await SocketBackend().connect_tcp("127.0.0.1", port, timeout=PATIENCE)


async def test_it_gives_up_connecting_in_time():
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(httpcore.ConnectTimeout):
        await connect_to(listener, timeout=0)


async def test_it_can_be_cancelled_at_any_point_of_connecting():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for count in range(10):
            task = asyncio.create_task(connect_to(listener))
            await turns(count)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await (await task).aclose()
            expect_end(listener)


async def test_it_sets_options_and_closes_when_it_cannot():
    keepalive = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = await connect_to(listener, local_address="127.0.0.1", socket_options=[keepalive])
        assert stream.get_extra_info("socket").getsockopt(*keepalive[:2]) == 1
        await stream.aclose()
        expect_end(listener)
        with pytest.raises(httpcore.ConnectError):
            await connect_to(listener, socket_options=[(socket.SOL_SOCKET, 9_999, 1)])
        await turns()
        expect_end(listener)
