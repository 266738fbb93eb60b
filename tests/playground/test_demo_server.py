"""The demo server: connections, pace, gates, clients that leave, and its end."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from urllib.parse import urlsplit

import httpx
import pytest

from playground.demo.server import DemoServer, shared
from tests.scripted_upstream import chat_body, joined, payloads


def address(server: DemoServer) -> tuple[str, int]:
    parts = urlsplit(server.base_url)
    assert parts.hostname and parts.port
    return parts.hostname, parts.port


def raw_request(body: dict[str, object], *headers: str) -> bytes:
    content = json.dumps(body).encode()
    lines = ["POST /v1/chat/completions HTTP/1.1", "Host: demo", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + content


def read_all(connection: socket.socket) -> bytes:
    received = b""
    while data := connection.recv(65536):
        received += data
    return received


def test_it_is_the_same_server_for_the_whole_process():
    found: list[DemoServer] = []
    threads = [threading.Thread(target=lambda: found.append(shared())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(server) for server in found}) == 1


def test_it_listens_on_this_machine_only():
    assert address(shared())[0] == "127.0.0.1"


def test_it_remembers_nothing_unless_told_to():
    server = shared()
    httpx.get(server.base_url + "/models")
    assert not server.requests


def test_it_records_what_was_asked(demo_upstream):
    body = chat_body("demo/plain", stream=True)
    httpx.post(demo_upstream.base_url + "/chat/completions", json=body, headers={"Authorization": "Bearer k"})
    [recorded] = demo_upstream.requests
    assert recorded.path == "/v1/chat/completions"
    assert recorded.body == body
    assert recorded.headers["authorization"] == "Bearer k"
    assert recorded.ended.wait(5) and recorded.is_complete
    assert recorded.tokens_written > 0 and recorded.bytes_written > 0
    assert recorded.disconnected_at is None


def test_it_answers_several_requests_on_one_connection(demo_upstream):
    with socket.create_connection(address(demo_upstream), timeout=5) as connection:
        # Both requests are sent at once; the second one waits for the first.
        first = raw_request(chat_body("scripted/plain", stream=True))
        connection.sendall(first + raw_request(chat_body("scripted/server_error"), "Connection: close"))
        received = read_all(connection)
    assert received.count(b"HTTP/1.1 200") == 1
    assert received.index(b"[DONE]") < received.index(b"HTTP/1.1 500")


@pytest.mark.parametrize(
    "nonsense", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"GET\r\n\r\n", b""]
)
def test_it_hangs_up_on_what_is_not_http(demo_upstream, nonsense):
    with socket.create_connection(address(demo_upstream), timeout=5) as connection:
        connection.sendall(nonsense)
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == b""
    assert httpx.get(demo_upstream.base_url + "/models").status_code == 200


def test_it_refuses_a_body_without_end(demo_upstream):
    with socket.create_connection(address(demo_upstream), timeout=5) as connection:
        connection.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: demo\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        block = b"100000\r\n" + b"a" * (1 << 20) + b"\r\n"
        received = b""
        try:
            for _ in range(40):
                connection.sendall(block)
            received = connection.recv(65536)
        except ConnectionError:
            # The server closed the connection before everything was written, as it should.
            return
    assert received.startswith(b"HTTP/1.1 413")


def test_it_holds_every_stream_at_the_gate(demo_upstream):
    gate = demo_upstream.hold_after(3)
    received: list[bytes] = []
    reader = threading.Thread(
        target=lambda: received.append(
            httpx.post(
                demo_upstream.base_url + "/chat/completions", json=chat_body("scripted/plain", stream=True)
            ).content
        )
    )
    reader.start()
    assert gate.reached.wait(5)
    recorded = demo_upstream.requests[-1]
    assert recorded.tokens_written == 3
    assert not recorded.ended.is_set()
    gate.release()
    reader.join(5)
    assert recorded.ended.wait(5) and recorded.is_complete
    assert len(joined(payloads(received[0]))) > 20


def test_it_lets_later_streams_through_an_open_gate(demo_upstream):
    demo_upstream.hold_after(0).release()
    response = httpx.post(demo_upstream.base_url + "/chat/completions", json=chat_body("demo/plain"))
    assert response.status_code == 200


def test_it_notices_at_once_that_the_client_has_left(demo_upstream):
    gate = demo_upstream.hold_after(2)
    with socket.create_connection(address(demo_upstream), timeout=5) as connection:
        connection.sendall(raw_request(chat_body("scripted/plain", stream=True)))
        assert gate.reached.wait(5)
    recorded = demo_upstream.requests[-1]
    # The gate is still closed, so the client's leaving ended the stream.
    assert recorded.ended.wait(5)
    assert recorded.disconnected_at is not None
    assert recorded.tokens_written == 2 and not recorded.is_complete


def test_it_does_not_run_ahead_of_a_client_that_does_not_read(demo_upstream):
    with socket.create_connection(address(demo_upstream), timeout=5) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(raw_request(chat_body("scripted/huge_line?megabytes=200", stream=True)))
        assert connection.recv(100)
        recorded = demo_upstream.requests[-1]
        assert not recorded.ended.is_set()
    assert recorded.ended.wait(5)
    assert recorded.bytes_written < 50 << 20


def test_it_talks_faster_when_it_is_told_to(demo_upstream):
    demo_upstream.api.rate = 1
    demo_upstream.speed = 10_000
    body = chat_body("demo/slow", stream=True)
    response = httpx.post(demo_upstream.base_url + "/chat/completions", json=body, timeout=5)
    assert len(payloads(response.content)) > 50


async def test_it_starts_and_stops_within_a_loop():
    server = DemoServer(speed=0)
    await server.start()
    async with httpx.AsyncClient() as client:
        assert (await client.get(server.base_url + "/models")).status_code == 200
        address = server.base_url
        await server.stop()
        with pytest.raises(httpx.ConnectError):
            await client.get(address + "/models")


async def test_it_cuts_off_what_does_not_end_when_it_stops():
    server = DemoServer(speed=0)
    await server.start()
    async with httpx.AsyncClient() as client:
        body = chat_body("scripted/silence_mid_stream", stream=True)
        async with client.stream("POST", server.base_url + "/chat/completions", json=body) as response:
            pieces = response.aiter_raw()
            await anext(pieces)
            async with asyncio.timeout(5):
                await server.stop(grace=0)
            with pytest.raises(httpx.RemoteProtocolError):
                async for _ in pieces:
                    pass


async def test_it_lets_a_stream_end_before_it_stops():
    server = DemoServer(speed=0)
    await server.start()
    gate = server.hold_after(2)
    async with httpx.AsyncClient() as client:
        body = chat_body("scripted/plain", stream=True)
        asking = asyncio.create_task(client.post(server.base_url + "/chat/completions", json=body))
        assert await asyncio.to_thread(gate.reached.wait, 5)
        stopping = asyncio.create_task(server.stop(grace=5))
        await asyncio.sleep(0)
        gate.release()
        response = await asking
        await stopping
    assert response.content.endswith(b"[DONE]\n\n")
