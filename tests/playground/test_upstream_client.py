"""The client with a working upstream on a real socket: requests, answers, and stopping."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from playground.upstream import account
from playground.upstream.errors.exceptions import FailureKind, KeyUnreadable, UpstreamError
from playground.upstream.events import (
    CostReported,
    Event,
    Failed,
    Finished,
    Identified,
    TextDelta,
    Truncated,
)
from playground.upstream.reading import MUCH_BYTES, AnswerReader
from playground.upstream.transport.client import StreamRequest
from playground.upstream.transport.pool import GuardedTransport
from tests.raw_upstream import (
    DONE,
    END,
    SECRET,
    STREAM,
    WHOLE,
    Visit,
    a_word_and_silence,
    answer,
    chunked,
    delta,
    failure,
    gather,
    headers_and_silence,
    opened_client,
    play,
    raw_upstream,
    request_to,
    silence,
    text_of,
)

# --- what goes out ---


async def test_it_sends_what_an_upstream_wants_to_see():
    async with raw_upstream(WHOLE) as upstream, opened_client() as client:
        await gather(client, request_to(upstream))
    (visit,) = upstream.visits
    assert visit.head.startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
    assert json.loads(visit.body) == {"model": "m", "messages": [], "stream": True}
    expected = {
        "authorization": f"Bearer {SECRET}",
        "content-type": "application/json",
        "accept-encoding": "identity",
        "x-client-request-id": "run-1",
    }
    assert {name: visit.headers[name] for name in expected} == expected


async def test_it_sends_bytes_as_they_are():
    async with raw_upstream(WHOLE) as upstream, opened_client() as client:
        await gather(client, request_to(upstream, body=b'{"a" : 1}'))
    assert upstream.visits[0].body == b'{"a" : 1}'


async def test_it_sends_no_key_where_there_is_none():
    async with raw_upstream(WHOLE) as upstream, opened_client() as client:
        await gather(client, request_to(upstream, secret=None))
    assert "authorization" not in upstream.visits[0].headers


async def test_it_takes_no_proxy_and_no_password_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("NETRC", str(netrc))
    async with raw_upstream(WHOLE) as upstream, opened_client() as client:
        assert text_of(await gather(client, request_to(upstream, secret=None))) == "Hello"
    assert "authorization" not in upstream.visits[0].headers


# --- what comes in ---


async def test_it_reads_a_stream():
    assert await play(WHOLE) == [TextDelta("Hel"), TextDelta("lo"), Finished("stop")]


async def test_it_gives_the_first_token_before_the_second_is_sent():
    may_go_on = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.send(STREAM + chunked(delta("first")))
        await may_go_on.wait()
        await visit.send(chunked(delta("second", "stop"), DONE) + END)

    async with raw_upstream(script) as upstream, opened_client() as client:
        batches = client.stream(request_to(upstream))
        assert await anext(batches) == [TextDelta("first")]
        may_go_on.set()
        assert await anext(batches) == [TextDelta("second"), Finished("stop")]
        with pytest.raises(StopAsyncIteration):
            await anext(batches)


async def test_it_reads_a_stream_that_comes_byte_by_byte():
    async def script(visit: Visit) -> None:
        for index in range(len(WHOLE)):
            await visit.send(WHOLE[index : index + 1])

    assert text_of(await play(script)) == "Hello"


async def test_it_reads_a_stream_that_the_end_of_the_connection_ends():
    async def script(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + delta("a", "stop"))
        visit.writer.close()

    assert await play(script) == [TextDelta("a"), Finished("stop")]


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "text/html", "", "x"])
@pytest.mark.parametrize(
    "first", [b"", b"\n", b": hello\n\n", b"\xef\xbb\xbf", b"event: x\n", b"retry: 1\n\n"]
)
async def test_it_knows_a_stream_under_any_content_type(content_type, first):
    body = first + delta("a", "stop")
    assert text_of(await play(answer(200, body, f"Content-Type: {content_type}"))) == "a"


async def test_it_reads_an_answer_that_is_no_stream():
    body = {"id": "1", "model": "m", "choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}
    headers = ("x-aimlapi-credits-used: 12", "x-aimlapi-usd-spent: 0.000006000")
    events = await play(answer(200, json.dumps(body).encode(), *headers))
    assert events[0] == Identified("", "1", "m")
    assert text_of(events) == "Hi"
    assert [event.credits for event in events if isinstance(event, CostReported)] == [12]


@pytest.mark.parametrize(("words", "is_elsewhere"), [(100, False), (MUCH_BYTES, True)])
async def test_others_go_on_while_it_reads_a_long_answer_that_is_no_stream(words, is_elsewhere, monkeypatch):
    threads = []
    close = AnswerReader.close

    def noting(reader: AnswerReader) -> list[Event]:
        threads.append(threading.current_thread())
        return close(reader)

    monkeypatch.setattr(AnswerReader, "close", noting)
    body = json.dumps({"choices": [{"message": {"content": "x" * words}, "finish_reason": "stop"}]}).encode()
    events = await play(answer(200, body))
    assert (text_of(events), events[-1]) == ("x" * words, Finished("stop"))
    assert [thread is not threading.current_thread() for thread in threads] == [is_elsewhere]


async def test_it_takes_any_2xx_for_success():
    assert text_of(await play(WHOLE.replace(b"200 OK", b"201 Created"))) == "Hello"


async def test_it_knows_the_inference_before_anything_is_said():
    events = await play(WHOLE.replace(b"\r\n\r\n", b"\r\nX-Inference-Id: inf-1\r\n\r\n", 1))
    assert events[0] == Identified("inf-1")


async def test_it_marks_an_answer_without_an_end():
    assert await play(STREAM + chunked(delta("a")) + END) == [TextDelta("a"), Truncated()]


async def test_it_uses_a_connection_again():
    async with raw_upstream(WHOLE) as upstream, opened_client() as client:
        for _ in range(3):
            await gather(client, request_to(upstream))
        assert (len(upstream.visits), upstream.most_connections) == (3, 1)


async def test_it_ends_with_done_though_the_connection_does_not():
    async def script(visit: Visit) -> None:
        await visit.send(STREAM + chunked(delta("a", "stop"), DONE))
        await visit.until_gone()

    assert await play(script) == [TextDelta("a"), Finished("stop")]


# --- stopping ---


async def test_cancelling_closes_the_connection():
    async with raw_upstream(a_word_and_silence) as upstream, opened_client() as client:
        has_begun = asyncio.Event()

        async def relay() -> None:
            async for _ in client.stream(request_to(upstream)):
                has_begun.set()

        task = asyncio.create_task(relay())
        await has_begun.wait()
        assert upstream.connections == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await upstream.all_gone.wait()


async def test_leaving_the_generator_closes_the_connection():
    async with raw_upstream(a_word_and_silence) as upstream, opened_client() as client:
        async with aclosing(client.stream(request_to(upstream))) as batches:
            await anext(batches)
        await upstream.all_gone.wait()


@pytest.mark.parametrize("script", [silence, headers_and_silence])
async def test_cancelling_before_the_first_token_closes_the_connection(script):
    async with raw_upstream(script) as upstream, opened_client() as client:
        task = asyncio.create_task(gather(client, request_to(upstream)))
        await upstream.until_visits(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await upstream.all_gone.wait()


async def test_it_lets_no_more_streams_run_than_it_may():
    may_end = asyncio.Event()

    async def script(visit: Visit) -> None:
        await may_end.wait()
        await visit.send(WHOLE)

    async with raw_upstream(script) as upstream, opened_client(max_streams=3) as client:
        tasks = [asyncio.create_task(gather(client, request_to(upstream))) for _ in range(10)]
        await upstream.until_visits(3)
        for _ in range(100):
            await asyncio.sleep(0)
        assert len(upstream.visits) == 3
        may_end.set()
        answers = await asyncio.gather(*tasks)
        assert [text_of(events) for events in answers] == ["Hello"] * 10
        assert upstream.most_connections <= 3


async def test_a_storm_of_cancelled_streams_leaves_nothing_behind():
    async with raw_upstream(a_word_and_silence) as upstream, opened_client(max_streams=4) as client:
        for _ in range(10):
            upstream.visits.clear()
            tasks = [asyncio.create_task(gather(client, request_to(upstream))) for _ in range(50)]
            await upstream.until_visits(4)
            # Some stream, some connect and most wait; both ends of the queue are cancelled.
            for task in (*tasks[::2], *reversed(tasks[1::2])):
                task.cancel()
                await asyncio.sleep(0)
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(result, asyncio.CancelledError) for result in results)
            await upstream.all_gone.wait()

        async def whole(visit: Visit) -> None:
            await visit.send(WHOLE)

        upstream.script = whole
        answers = await asyncio.gather(*(gather(client, request_to(upstream)) for _ in range(8)))
        assert [text_of(events) for events in answers] == ["Hello"] * 8
        assert upstream.most_connections <= 4
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_a_stream_that_is_cancelled_at_any_step_leaves_no_connection():
    """This includes the moment between connecting and the first byte, where httpcore would leak it."""
    async with raw_upstream(a_word_and_silence) as upstream:
        transport = GuardedTransport(upstream.allowed)
        async with opened_client(transport=transport) as client:
            for step in range(200):
                task = asyncio.create_task(gather(client, request_to(upstream)))
                for _ in range(step % 40):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                assert transport.busy_connections == 0, f"cancelled after {step % 40} steps"
            await upstream.all_gone.wait()


# --- keys and documents ---


async def test_it_says_when_a_key_cannot_be_opened():
    def broken() -> str:
        raise KeyUnreadable

    async with raw_upstream(WHOLE) as upstream, opened_client() as client:
        failed = failure(await gather(client, request_to(upstream, secret=broken)))
        assert failed == Failed.from_error(KeyUnreadable())
        assert upstream.visits == []


@pytest.mark.parametrize("secret", ["sk-żółw", "two\nlines", "a\0b"])
async def test_it_sends_no_key_that_is_none(secret):
    async with raw_upstream(WHOLE) as upstream, opened_client() as client:
        failed = failure(await gather(client, request_to(upstream, secret=lambda: secret)))
        assert failed.kind is FailureKind.UNAUTHORISED
        assert secret not in repr(failed)
        assert upstream.visits == []


async def test_it_asks_nobody_for_an_endpoint_that_it_could_not_read():
    async with raw_upstream(WHOLE) as upstream, opened_client() as client:
        failed = failure(await gather(client, request_to(upstream, endpoint="embeddings")))
        assert failed.kind is FailureKind.NOT_SUPPORTED
        assert upstream.visits == []


async def test_it_takes_another_transport():
    async def body() -> AsyncIterator[bytes]:
        yield delta("a", "stop")

    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=body())

    async with opened_client(transport=httpx.MockTransport(respond)) as client:
        events = await gather(client, StreamRequest("http://x.example/v1", "chat/completions", {}))
    assert events == [TextDelta("a"), Finished("stop")]


async def fetched(script: bytes, ask: Any) -> Any:
    """Call a blocking function in a thread, as pages do."""
    async with raw_upstream(script) as upstream:
        return await asyncio.to_thread(
            ask, upstream.base_url, lambda: SECRET, allowed_private=upstream.allowed
        )


BALANCE = {"balance": 1_234_567, "lowBalance": True, "status": "current", "lowBalanceThreshold": 10_000}


async def test_it_fetches_a_balance():
    found = await fetched(answer(200, json.dumps(BALANCE).encode()), account.fetch_balance)
    assert found == account.Balance(1_234_567, is_low=True, status="current", low_threshold=10_000)


async def test_it_lists_models():
    body = {"object": "list", "data": [{"id": "a/b"}, {"id": 3}, "x", {"id": "c"}]}
    assert await fetched(answer(200, json.dumps(body).encode()), account.list_models) == ["a/b", "c"]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (answer(401, b'{"message": "no"}'), FailureKind.UNAUTHORISED),
        (answer(200, b"{}"), FailureKind.MALFORMED),
        (answer(200, b"<html>"), FailureKind.MALFORMED),
        (answer(302, b"", "Location: /elsewhere"), FailureKind.REDIRECTED),
    ],
)
@pytest.mark.parametrize("ask", [account.fetch_balance, account.list_models])
async def test_it_says_why_there_is_no_document(script, kind, ask):
    with pytest.raises(UpstreamError) as caught:
        await fetched(script, ask)
    assert caught.value.kind is kind
