"""Connections on real sockets: TLS and keep-alive."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress

import httpcore
import pytest

from playground.upstream.transport import pool
from playground.upstream.transport.sockets import SocketBackend
from tests.playground.socket_peers import (
    PATIENCE,
    Certificate,
    Link,
    receive_all,
    turns,
)
from tests.raw_upstream import (
    WHOLE,
    RawUpstream,
    Visit,
    gather,
    opened_client,
    raw_upstream,
    request_to,
    text_of,
)


async def fail_to_secure(
    link: Link, context: ssl.SSLContext, hostname: str | None = "localhost"
) -> BaseException:
    with pytest.raises(httpcore.ConnectError) as caught:
        await link.stream.start_tls(context, hostname, PATIENCE)
    await turns()
    assert link.is_closed
    with pytest.raises(httpcore.ReadError):
        await link.stream.read(100)
    cause = caught.value.__cause__
    assert cause is not None
    return cause


async def handshake(link: Link, certificate: Certificate) -> None:
    """Do the peer's part of a handshake that our side breaks off."""
    with suppress(OSError):
        await asyncio.to_thread(certificate.server.wrap_socket, link.peer, server_side=True)


@pytest.mark.parametrize(("trust", "hostname"), [("stranger", "localhost"), ("client", "example.org")])
async def test_it_trusts_no_certificate_of_anybody_else(link, certificate, trust, hostname):
    answering = asyncio.create_task(handshake(link, certificate))
    cause = await fail_to_secure(link, getattr(certificate, trust), hostname)
    assert isinstance(cause, ssl.SSLCertVerificationError)
    await answering


async def test_it_says_when_the_peer_does_not_know_tls(link, certificate):
    async def answer() -> None:
        assert await asyncio.to_thread(link.peer.recv, 100)
        link.peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    answering = asyncio.create_task(answer())
    assert isinstance(await fail_to_secure(link, certificate.client), ssl.SSLError)
    await answering


async def test_it_reads_nothing_under_tls_that_came_before_it(link, certificate):
    link.peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    await turns()
    assert isinstance(await fail_to_secure(link, certificate.client), ssl.SSLError)
    assert receive_all(link.peer, 1) == b""


@pytest.mark.parametrize("count", [0, 10])
@pytest.mark.parametrize("leave", [lambda link: link.peer.close(), Link.reset])
async def test_it_says_when_the_peer_leaves_before_the_handshake(link, certificate, leave, count):
    leave(link)
    await turns(count)
    assert isinstance(await fail_to_secure(link, certificate.client), OSError)


@pytest.mark.parametrize("hostname", [None, "", ".example.org"])
async def test_it_secures_nothing_for_a_host_that_has_no_name(link, certificate, hostname):
    assert isinstance(await fail_to_secure(link, certificate.client, hostname), ValueError)


async def test_it_gives_up_securing_in_time(link, certificate):
    with pytest.raises(httpcore.ConnectTimeout):
        await link.stream.start_tls(certificate.client, "localhost", 0.01)
    await turns()
    assert link.is_closed


@pytest.mark.parametrize("count", range(5))
async def test_it_can_be_cancelled_while_it_secures(link, certificate, count):
    task = asyncio.create_task(link.stream.start_tls(certificate.client, "localhost"))
    await turns(count)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await link.stream.aclose()
    assert link.is_closed


async def test_closing_ends_a_handshake(link, certificate):
    securing = asyncio.create_task(link.stream.start_tls(certificate.client, "localhost"))
    await turns()
    await link.stream.aclose()
    with pytest.raises(httpcore.ConnectError):
        await securing


async def test_it_reads_what_came_with_the_end_of_the_handshake(certificate, caplog):
    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello and goodbye")
        writer.close()

    server = await asyncio.start_server(hasty, "127.0.0.1", 0, ssl=certificate.server)
    stream = await SocketBackend().connect_tcp(*server.sockets[0].getsockname()[:2])
    await stream.start_tls(certificate.client, "localhost", PATIENCE)
    assert [await stream.read(100), await stream.read(100)] == [b"hello and goodbye", b""]
    await stream.aclose()
    server.close()
    await server.wait_closed()
    assert caplog.records == []


# --- through the client ---


async def test_it_uses_no_connection_again_that_the_server_closed():
    async def script(visit: Visit) -> None:
        await visit.send(WHOLE)
        visit.writer.close()

    async with raw_upstream(script) as upstream, opened_client() as client:
        for _ in range(5):
            assert text_of(await gather(client, request_to(upstream))) == "Hello"
        assert len(upstream.visits) == 5


@asynccontextmanager
async def secure_upstream(certificate: Certificate, script):
    upstream = RawUpstream(script)
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0, ssl=certificate.server)
    upstream.port = server.sockets[0].getsockname()[1]
    yield upstream
    server.close()
    await server.wait_closed()


async def test_it_streams_under_tls_and_keeps_the_connection(certificate, monkeypatch):
    async def script(visit: Visit) -> None:
        await visit.send(WHOLE)

    monkeypatch.setattr(pool, "_ssl_context", lambda: certificate.client)
    async with secure_upstream(certificate, script) as upstream, opened_client() as client:
        for _ in range(3):
            request = request_to(upstream, base_url=f"https://127.0.0.1:{upstream.port}/v1")
            assert text_of(await gather(client, request)) == "Hello"
        assert (len(upstream.visits), upstream.most_connections) == (3, 1)
        spoken = upstream.visits[0].writer.get_extra_info("ssl_object")
        assert spoken.selected_alpn_protocol() == "http/1.1"
