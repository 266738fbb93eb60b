"""Broken connections, slow upstreams, and answers that never end."""

from __future__ import annotations

import asyncio

import pytest

from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.events import (
    Event,
    Failed,
    Finished,
    TextDelta,
)
from playground.upstream.transport.client import Clocks, StreamRequest
from playground.upstream.transport.pool import GuardedTransport
from tests.raw_upstream import (
    DONE,
    END,
    NEVER,
    STREAM,
    WHOLE,
    Visit,
    a_word_and_silence,
    chunked,
    delta,
    failure,
    failure_of,
    gather,
    headers_and_silence,
    opened_client,
    play,
    raw_upstream,
    request_to,
    silence,
    text_of,
)

# --- connections that break ---


async def test_it_says_when_nobody_listens():
    async with raw_upstream(WHOLE) as upstream:
        gone = request_to(upstream)
    async with opened_client() as client:
        failed = failure(await gather(client, gone))
    assert failed.kind is FailureKind.CONNECT


async def test_it_says_when_a_name_is_nobodys():
    async with opened_client() as client:
        request = StreamRequest("https://nobody.invalid/v1", "chat/completions", {})
        failed = failure(await gather(client, request))
    assert failed.kind is FailureKind.DNS


async def test_it_says_when_tls_fails():
    async def script(visit: Visit) -> None:
        raise AssertionError("no request may get through")

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with raw_upstream(script) as upstream, opened_client() as client:
        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        upstream.port = port
        request = request_to(upstream, base_url=f"https://127.0.0.1:{port}/v1")
        failed = failure(await gather(client, request))
        server.close()
        await server.wait_closed()
    assert failed.kind is FailureKind.TLS


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/v1", "no address", "http://", "http://[::1", "http://a\0b/v1"]
)
async def test_it_says_when_an_address_is_none(url):
    async with opened_client() as client:
        failed = failure(await gather(client, StreamRequest(url, "chat/completions", {})))
    assert failed.kind in {FailureKind.BAD_ADDRESS, FailureKind.DNS}


async def test_it_says_when_the_other_side_speaks_something_else():
    async def script(visit: Visit) -> None:
        await visit.send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        visit.writer.close()

    assert (await failure_of(script)).kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (b"", ""),
        (b"HTTP/1.1 200 O", ""),
        (STREAM, ""),
        (STREAM + chunked(delta("Half")), "Half"),
        (STREAM + chunked(delta("Half")) + b"40\r\ndata: {", "Half"),
        (STREAM + chunked(delta("Half"), "data: ż".encode()[:-1]), "Half"),
        (STREAM + chunked(delta("<think")), "<think"),
    ],
)
@pytest.mark.parametrize("ending", ["close", "reset"])
async def test_it_says_when_the_connection_breaks_and_keeps_what_came(sent, text, ending):
    may_break = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.send(sent)
        if text == "Half":
            # A reset would discard bytes that the other side has not read yet.
            await may_break.wait()
        visit.reset() if ending == "reset" else visit.writer.close()

    async with raw_upstream(script) as upstream, opened_client() as client:
        events: list[Event] = []
        async for batch in client.stream(request_to(upstream)):
            events += batch
            may_break.set()
    assert failure(events).kind is FailureKind.CUT
    if ending == "close" or text != "<think":
        assert text_of(events) == text


async def test_it_does_not_mind_a_break_after_the_finish():
    async def script(visit: Visit) -> None:
        await visit.send(STREAM + chunked(delta("Whole", "stop")))
        visit.writer.close()

    assert await play(script) == [TextDelta("Whole"), Finished("stop")]


# --- clocks ---

# Nothing that these upstreams do ends the wait earlier.
SOON = 0.05


async def comments_for_ever(visit: Visit) -> None:
    await visit.send(STREAM)
    while True:
        await visit.send(chunked(b": ping\n\n"))
        await asyncio.sleep(0)


async def a_word_and_comments_for_ever(visit: Visit) -> None:
    await visit.send(STREAM + chunked(delta("a")))
    while True:
        await visit.send(chunked(b": ping\n\n"))
        await asyncio.sleep(0)


async def words_for_ever(visit: Visit) -> None:
    await visit.send(STREAM)
    while True:
        await visit.send(chunked(delta("a")))
        await asyncio.sleep(0)


async def empty_pieces_for_ever(visit: Visit) -> None:
    await visit.send(STREAM)
    while True:
        await visit.send(chunked(delta("")))
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("script", "clocks", "kind"),
    [
        (silence, Clocks(first_token=SOON), FailureKind.TIMEOUT_FIRST_TOKEN),
        (headers_and_silence, Clocks(first_token=SOON), FailureKind.TIMEOUT_FIRST_TOKEN),
        (comments_for_ever, Clocks(first_token=SOON), FailureKind.TIMEOUT_FIRST_TOKEN),
        (empty_pieces_for_ever, Clocks(first_token=SOON), FailureKind.TIMEOUT_FIRST_TOKEN),
        (a_word_and_silence, Clocks(idle=SOON), FailureKind.TIMEOUT_IDLE),
        (a_word_and_comments_for_ever, Clocks(idle=SOON), FailureKind.TIMEOUT_IDLE),
        (words_for_ever, Clocks(total=SOON), FailureKind.TIMEOUT_TOTAL),
        (silence, Clocks(total=SOON), FailureKind.TIMEOUT_TOTAL),
    ],
)
async def test_it_gives_up_by_the_clock_that_ran_out(script, clocks, kind):
    async with raw_upstream(script) as upstream, opened_client() as client:
        events = await gather(client, request_to(upstream, clocks=clocks))
        assert isinstance(events[-1], Failed)
        assert events[-1].kind is kind
        await upstream.all_gone.wait()


async def test_it_gives_an_error_body_no_more_time_than_an_answer():
    async def script(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\n")
        await visit.until_gone()

    failed = await failure_of(script, clocks=Clocks(first_token=SOON))
    assert failed.kind is FailureKind.TIMEOUT_FIRST_TOKEN


async def test_it_waits_only_shortly_for_figures_after_the_finish():
    async def script(visit: Visit) -> None:
        await visit.send(STREAM + chunked(delta("a", "stop")))
        await visit.until_gone()

    events = await play(script, clocks=Clocks(NEVER, NEVER, NEVER, NEVER, after_finish=SOON))
    assert events == [TextDelta("a"), Finished("stop")]


async def test_comments_after_the_finish_prolong_nothing(monkeypatch):
    loop = asyncio.get_running_loop()
    real_time, seconds = loop.time, 0
    monkeypatch.setattr(loop, "time", lambda: real_time() + seconds)

    async def script(visit: Visit) -> None:
        nonlocal seconds
        await visit.send(STREAM + chunked(delta("a", "stop")))
        while True:
            await visit.send(chunked(b": ping\n\n"))
            await asyncio.sleep(0)
            seconds += 1

    clocks = Clocks(NEVER, NEVER, NEVER, total=100 * NEVER, after_finish=10)
    assert await play(script, clocks=clocks) == [TextDelta("a"), Finished("stop")]
    assert seconds < 5 * NEVER


async def test_it_holds_a_slow_reader_against_nobody(monkeypatch):
    may_end = asyncio.Event()
    loop = asyncio.get_running_loop()
    real_time = loop.time

    async def script(visit: Visit) -> None:
        await visit.send(STREAM + chunked(delta("a")))
        await may_end.wait()
        await visit.send(chunked(delta("b", "stop"), DONE) + END)

    async with raw_upstream(script) as upstream, opened_client() as client:
        batches = client.stream(
            request_to(upstream, clocks=Clocks(NEVER, NEVER, idle=NEVER, total=3 * NEVER))
        )
        events = [*await anext(batches)]
        # The timer fires while the reader is busy for longer than the upstream may be silent.
        monkeypatch.setattr(loop, "time", lambda: real_time() + 2 * NEVER)
        await asyncio.sleep(0)
        may_end.set()
        async for batch in batches:
            events += batch
    assert events == [TextDelta("a"), TextDelta("b"), Finished("stop")]


async def test_it_says_when_connecting_takes_too_long():
    async def nowhere(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        raise AssertionError("never")

    async with opened_client(transport=GuardedTransport(resolve=nowhere)) as client:
        request = StreamRequest("http://x.example/v1", "chat/completions", {}, clocks=Clocks(connect=SOON))
        failed = failure(await gather(client, request))
    assert failed.kind is FailureKind.TIMEOUT_CONNECT


# --- sizes ---


async def endless_line(visit: Visit) -> None:
    await visit.send(STREAM + chunked(b"data: "))
    while True:
        await visit.send(chunked(b"x" * 65_536))


async def test_it_stops_reading_an_endless_line():
    async with raw_upstream(endless_line) as upstream, opened_client() as client:
        failed = failure(await gather(client, request_to(upstream)))
        assert failed.kind is FailureKind.TOO_LARGE
        await upstream.all_gone.wait()


@pytest.mark.parametrize("head", [STREAM, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"])
async def test_it_stops_reading_an_endless_answer(head):
    async def script(visit: Visit) -> None:
        await visit.send(head + (chunked(b"{") if head != STREAM else b""))
        while True:
            await visit.send(chunked(delta("word") * 1_000))

    async with raw_upstream(script) as upstream, opened_client(max_answer_bytes=500_000) as client:
        failed = failure(await gather(client, request_to(upstream)))
        assert failed.kind is FailureKind.TOO_LARGE
        await upstream.all_gone.wait()


async def test_it_reads_no_more_of_an_error_than_it_needs():
    async def script(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await visit.send(chunked(b"sorry " * 10_000))

    failed = await failure_of(script)
    assert failed.kind is FailureKind.SERVER
    assert len(failed.message) < 500
    assert len(failed.detail) <= 4_000
