"""Sockets and requests that send more than any page does: the server refuses it, and holds nothing of it."""

from __future__ import annotations

import json
import os
import re
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from chat.live.inbound import BYTES_AT_ONCE, FRAMES_AT_ONCE, TOO_MANY
from tests.e2e.visitor import Visitor
from tests.installation import Installation

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_MB = 20
SENT_MB = 60
TEXT, BINARY, REST, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


def frame(kind: int, payload: bytes, *, is_last: bool = True) -> bytes:
    """Return a masked frame (RFC 6455, 5.2) whose mask is all zeros."""
    first = (0x80 if is_last else 0) | kind
    if len(payload) < 126:
        return struct.pack("!BB4x", first, 0x80 | len(payload)) + payload
    if len(payload) < 65536:
        return struct.pack("!BBH4x", first, 0x80 | 126, len(payload)) + payload
    return struct.pack("!BBQ4x", first, 0x80 | 127, len(payload)) + payload


HELLO = json.dumps({"type": "hello", "padding": "x" * 16_000}).encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory, prepared) -> Iterator[Installation]:
    # The largest request has little more than the longest prompt.
    installation = Installation(tmp_path_factory.mktemp("flooded"), MAX_IMPORT_MB="1", MAX_UPLOAD_MB="1")
    installation.copy(prepared)
    installation.start()
    yield installation
    installation.stop()


@pytest.fixture(scope="module")
def visitor(server) -> Iterator[Visitor]:
    visitor = Visitor(server)
    visitor.sign_in()
    yield visitor
    visitor.http.close()


def opened(visitor: Visitor, *, waits: bool = True) -> socket.socket:
    port = visitor.installation.port
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.http.cookies.items())
    request = (
        f"GET /ws/ HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: {visitor.installation.origin}\r\n"
        f"Cookie: {cookies}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    plain = socket.create_connection(("localhost", port), timeout=30)
    plain.sendall(request.encode())
    if waits:
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += plain.recv(1)
        assert b" 101 " in answer
    return plain


def memory_mb(installation: Installation) -> float:
    assert installation._server is not None
    status = Path(f"/proc/{installation._server.pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1000


def fill(plain: socket.socket, piece: bytes) -> int:
    """Send until the server reads no more or has taken far too much; return the bytes that it took."""
    sent = 0
    plain.settimeout(5)
    with suppress(ConnectionError, TimeoutError):
        while sent < SENT_MB * 1_000_000:
            sent += plain.send(piece)
    return sent


def close_code(plain: socket.socket) -> int:
    """Read to the end; return the code of the last close frame."""
    read = b""
    with suppress(ConnectionError):
        while piece := plain.recv(65536):
            read += piece
    found = re.findall(rb"\x88[\x02-\x7d](..)", read, re.DOTALL)
    return struct.unpack("!H", found[-1])[0] if found else 0


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="reads the memory of the server there")
@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(frame(TEXT, HELLO), id="large commands"),
        pytest.param(frame(TEXT, b"{}") * 2000, id="tiny commands"),
        pytest.param(frame(TEXT, b"") * 8000, id="empty commands"),
        pytest.param(frame(BINARY, b"\0" * 60_000), id="binary"),
        pytest.param(frame(PING, b"p" * 125) * 500, id="pings, whose answers are not read"),
        pytest.param(frame(PONG, b"p" * 125) * 500, id="pongs"),
        pytest.param(
            frame(TEXT, b"", is_last=False) + frame(REST, b"", is_last=False) * 8000, id="empty fragments"
        ),
        pytest.param(frame(TEXT, b"{", is_last=False) + frame(REST, b"[" * 65_000), id="an endless message"),
    ],
)
def test_a_flood_ends_its_socket_and_leaves_no_memory(server, visitor, pieces):
    for plain in [opened(visitor) for _ in range(2)]:
        plain.close()
    before = memory_mb(server)

    sockets = [opened(visitor) for _ in range(4)]
    with ThreadPoolExecutor(len(sockets)) as pool:
        sent = list(pool.map(lambda plain: fill(plain, pieces), sockets))
    after = memory_mb(server)

    assert max(sent) < SENT_MB * 1_000_000, "the server took it all"
    assert after - before < MOST_MB
    assert visitor.http.get("/sign-in/").status_code in (200, 302)
    for plain in sockets:
        plain.close()


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(frame(TEXT, b"{}") * (FRAMES_AT_ONCE + 50), id="frames"),
        pytest.param(frame(BINARY, b"\0" * 60_000) * (BYTES_AT_ONCE // 60_000 + 1), id="bytes"),
    ],
)
def test_it_says_why_it_closes(visitor, pieces):
    with closing(opened(visitor)) as plain:
        plain.sendall(pieces)
        assert close_code(plain) == TOO_MANY


def test_what_comes_before_the_answer_to_the_handshake_is_not_collected(server, visitor):
    before = memory_mb(server)
    with closing(opened(visitor, waits=False)) as plain:
        sent = fill(plain, frame(TEXT, HELLO))
    assert sent < SENT_MB * 1_000_000
    assert memory_mb(server) - before < MOST_MB


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_dropped_for_whoever_sends_it(server, visitor, announced):
    before = memory_mb(server)
    pieces = (b"x" * 1_000_000 for _ in range(SENT_MB))
    length = {"Content-Length": str(SENT_MB * 1_000_000)} if announced else {}

    with httpx.Client(base_url=server.origin, timeout=60) as stranger:
        answer = stranger.post("/sign-in/", content=pieces, headers=length)

    assert answer.status_code == 413 and "This is too large to send" in answer.text
    assert memory_mb(server) - before < MOST_MB
    assert visitor.http.get("/profile/").status_code == 200
