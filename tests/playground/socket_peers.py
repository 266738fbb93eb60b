"""Connections on real sockets whose other end blocks and does only what the test says."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import socket
import ssl
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from playground.upstream.transport.sockets import SocketBackend

LARGE = bytes(range(256)) * 4 * 8_192  # These 8 MiB have no repeated parts.
SMALL_BUFFERS = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536), (socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)]
# How long a test may hang before it fails.
PATIENCE = 10


class Link:
    """Both ends of a connection: ``stream`` is ours, ``peer`` is the upstream's."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, peer: socket.socket) -> None:
        self.stream = stream
        self.peer = peer

    def reset(self) -> None:
        self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.peer.close()

    @property
    def is_readable(self) -> bool:
        return bool(self.stream.get_extra_info("is_readable"))

    @property
    def is_closed(self) -> bool:
        found = self.stream.get_extra_info("socket")
        return found is None or found.fileno() == -1

    async def secure(self, certificate: Certificate, hostname: str = "localhost") -> None:
        self.peer, self.stream = await asyncio.gather(
            asyncio.to_thread(certificate.server.wrap_socket, self.peer, server_side=True),
            self.stream.start_tls(certificate.client, hostname, PATIENCE),
        )


async def connect_to(listener: socket.socket, **options: Any) -> httpcore.AsyncNetworkStream:
    host, port = listener.getsockname()
    return await SocketBackend().connect_tcp(host, port, **options)


@pytest.fixture
async def link():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = await connect_to(listener, timeout=PATIENCE, socket_options=SMALL_BUFFERS)
        peer, _ = listener.accept()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.settimeout(PATIENCE)
        opened = Link(stream, peer)
        watchdog = asyncio.get_running_loop().call_later(PATIENCE, give_up)
        yield opened
        watchdog.cancel()
        await stream.aclose()
        assert opened.is_closed
        opened.peer.close()


def give_up() -> None:
    for task in asyncio.all_tasks():
        task.cancel()


class Certificate:
    """A certificate for localhost, which ``client`` trusts and ``stranger`` does not."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        form = serialization.PrivateFormat.PKCS8
        path = folder / "localhost.pem"
        path.write_bytes(
            pem + key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        )
        self.server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.server.load_cert_chain(path)
        self.server.set_alpn_protocols(["h2", "http/1.1"])
        self.client = ssl.create_default_context(cadata=pem.decode())
        self.stranger = ssl.create_default_context()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(params=["plain", "tls"])
async def either(request, link, certificate):
    """An unencrypted connection, then a secured one."""
    if request.param == "tls":
        await link.secure(certificate)
    return link


async def turns(count: int = 10) -> None:
    """Let the loop see what has already happened to its sockets."""
    for _ in range(count):
        await asyncio.sleep(0)


async def read_all(stream: httpcore.AsyncNetworkStream, size: int) -> bytes:
    found = b""
    while len(found) < size:
        data = await stream.read(65_536)
        assert 0 < len(data) <= 65_536
        found += data
    return found


def expect_end(listener: socket.socket) -> None:
    """Assert that the waiting connection, if there is one, was closed by our side."""
    listener.settimeout(0)
    with suppress(BlockingIOError):
        peer, _ = listener.accept()
        with peer:
            peer.settimeout(PATIENCE)
            assert peer.recv(1) == b""


def receive_all(peer: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size and (data := peer.recv(65_536)):
        found += data
    return bytes(found)
