"""No request reaches an address that is not allowed, whatever its URL looks like."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network

import httpcore
import pytest

from playground.upstream.errors.exceptions import FailureKind, NotConnected, UpstreamError
from playground.upstream.transport.addresses import AllowedNetwork, is_permitted, parse_allowed
from playground.upstream.transport.client import StreamRequest
from playground.upstream.transport.guard import GuardedBackend, resolve
from playground.upstream.transport.pool import GuardedTransport
from tests.raw_upstream import (
    WHOLE,
    answer,
    failure,
    gather,
    opened_client,
    raw_upstream,
    request_to,
    text_of,
)

PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "4000::1",
    "no address",
    "",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "104.18.0.1", "2606:4700::1111", "2a00:1450:4001::5", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", PRIVATE)
def test_it_permits_no_private_address(address):
    assert not is_permitted(address, 443)


@pytest.mark.parametrize("address", PUBLIC)
def test_it_permits_public_addresses(address):
    assert is_permitted(address, 443)


@pytest.mark.parametrize(
    ("allowed", "address", "port", "expected"),
    [
        ("127.0.0.1", "127.0.0.1", 1, True),
        ("127.0.0.1:11434", "127.0.0.1", 11434, True),
        ("127.0.0.1:11434", "127.0.0.1", 11435, False),
        ("127.0.0.1:11434", "127.0.0.2", 11434, False),
        ("127.0.0.1:11434", "::ffff:127.0.0.1", 11434, True),
        ("127.0.0.1:11434", "::1", 11434, False),
        ("10.0.0.0/8", "10.200.0.1", 80, True),
        ("10.0.0.0/8:80", "10.200.0.1", 81, False),
        ("[::1]:8080", "::1", 8080, True),
        ("[::1]:8080", "::1", 80, False),
        ("fd00::/8", "fd12::1", 80, True),
        ("[fd00::]/8:80", "fd12::1", 81, False),
    ],
)
def test_it_permits_what_was_allowed_and_no_more(allowed, address, port, expected):
    assert is_permitted(address, port, (parse_allowed(allowed),)) is expected


@pytest.mark.parametrize(
    ("text", "network", "port"),
    [
        (" 10.0.0.0/8 ", "10.0.0.0/8", None),
        ("10.0.0.0/8:80", "10.0.0.0/8", 80),
        ("::1", "::1/128", None),
        ("[fd00::/8]:80", "fd00::/8", 80),
        ("[fd00::]/8", "fd00::/8", None),
    ],
)
def test_it_reads_what_an_admin_writes(text, network, port):
    assert parse_allowed(text) == AllowedNetwork(ip_network(network), port)


@pytest.mark.parametrize(
    "text",
    ["", "localhost", "10.0.0.1/8", "10.0.0.0/33", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:", "[::1"],
)
def test_it_refuses_what_is_no_network(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_allowed(text)


# --- every way to spell this machine, through the whole client to a socket that listens ---

SPELLINGS = [
    "127.0.0.1",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "127.1",
    "0",
    "localhost",
    "LOCALHOST",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "user:password@127.0.0.1",
]


@pytest.mark.parametrize("host", SPELLINGS)
async def test_it_reaches_this_machine_under_no_name(host):
    async with raw_upstream(WHOLE) as upstream, opened_client() as client:
        request = StreamRequest(f"http://{host}:{upstream.port}/v1", "chat/completions", {})
        failed = failure(await gather(client, request))
        assert failed.kind in {FailureKind.REFUSED_ADDRESS, FailureKind.DNS}
        assert upstream.visits == []
        assert upstream.most_connections == 0


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "100.64.0.1", "[fe80::1]", "[64:ff9b::7f00:1]", "10.0.0.1"]
)
async def test_it_opens_no_socket_to_a_private_network(host):
    async with opened_client() as client:
        request = StreamRequest(f"http://{host}/v1", "chat/completions", {})
        assert failure(await gather(client, request)).kind is FailureKind.REFUSED_ADDRESS


async def test_it_reaches_an_address_that_was_allowed():
    async with raw_upstream(WHOLE) as upstream, opened_client() as client:
        assert text_of(await gather(client, request_to(upstream))) == "Hello"


async def test_it_reaches_no_other_port_of_an_address_that_was_allowed():
    async with raw_upstream(WHOLE) as upstream, opened_client() as client:
        allowed = (parse_allowed(f"127.0.0.1:{upstream.port % 65_535 + 1}"),)
        request = request_to(upstream, allowed_private=allowed)
        assert failure(await gather(client, request)).kind is FailureKind.REFUSED_ADDRESS


async def test_an_open_connection_serves_nobody_who_could_not_have_opened_it():
    async with raw_upstream(WHOLE) as upstream, opened_client() as client:
        await gather(client, request_to(upstream))
        request = request_to(upstream, allowed_private=())
        assert failure(await gather(client, request)).kind is FailureKind.REFUSED_ADDRESS
        assert len(upstream.visits) == 1


# --- the socket goes where the check looked ---


class Sockets(httpcore.AsyncNetworkBackend):
    """A backend that only records the addresses; some of them answer."""

    def __init__(self, *alive: str) -> None:
        self.asked: list[tuple[str, int]] = []
        self.alive = alive

    async def connect_tcp(self, host, port, *_):
        self.asked.append((host, port))
        if host not in self.alive:
            raise httpcore.ConnectError("nobody there")
        return httpcore.AsyncMockStream([])


def resolver(*answers: list[str]):
    """Return a name server that gives each answer once, and then repeats the last."""
    left = list(answers)

    async def answer(host: str, port: int) -> list[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


async def test_it_connects_to_the_address_it_checked_though_the_name_moves_on():
    sockets = Sockets("93.184.216.34", "127.0.0.1")
    backend = GuardedBackend(resolve=resolver(["93.184.216.34"], ["127.0.0.1"]), inner=sockets)
    await backend.connect_tcp("rebinding.example", 443, timeout=1)
    assert sockets.asked == [("93.184.216.34", 443)]
    with pytest.raises(NotConnected) as caught:
        await backend.connect_tcp("rebinding.example", 443, timeout=1)
    assert caught.value.kind is FailureKind.REFUSED_ADDRESS
    assert len(sockets.asked) == 1


# Answers of a hostile name server, and spellings of addresses that some resolvers accept.
HIDDEN = [
    *("127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::", "::1", "fe80::1", "fd00::1"),
    *("::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::ffff:0:7f00:1", "::7f00:1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1"),
    *("2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::"),
    *("2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1"),
]


@pytest.mark.parametrize("address", HIDDEN)
async def test_no_name_hides_a_private_address(address):
    sockets = Sockets(address)
    backend = GuardedBackend(resolve=resolver([address]), inner=sockets)
    with pytest.raises(NotConnected) as caught:
        await backend.connect_tcp("innocent.example", 443, timeout=1)
    assert caught.value.kind is FailureKind.REFUSED_ADDRESS
    assert sockets.asked == []


async def test_a_name_that_turns_private_is_refused_by_the_whole_client():
    transport = GuardedTransport(resolve=resolver(["127.0.0.1"]))
    async with raw_upstream(WHOLE) as upstream, opened_client(transport=transport) as client:
        request = StreamRequest(f"http://innocent.example:{upstream.port}/v1", "chat/completions", {})
        failed = failure(await gather(client, request))
        assert failed.kind is FailureKind.REFUSED_ADDRESS
        assert upstream.most_connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_it_follows_no_redirect_though_the_address_is_allowed(status):
    async with raw_upstream(WHOLE) as inside:
        location = f"Location: {inside.base_url}/chat/completions"
        async with raw_upstream(answer(status, b"", location)) as upstream, opened_client() as client:
            allowed = (*upstream.allowed, *inside.allowed)
            failed = failure(await gather(client, request_to(upstream, allowed_private=allowed)))
            assert failed.kind is FailureKind.REDIRECTED
            assert inside.visits == []


async def test_it_leaves_out_the_private_ones_among_a_names_addresses():
    sockets = Sockets("8.8.8.8")
    backend = GuardedBackend(resolve=resolver(["127.0.0.1", "10.0.0.1", "8.8.8.8"]), inner=sockets)
    await backend.connect_tcp("mixed.example", 443, timeout=1)
    assert sockets.asked == [("8.8.8.8", 443)]


async def test_it_tries_each_address_in_turn():
    sockets = Sockets("8.8.8.8")
    backend = GuardedBackend(resolve=resolver(["2606:4700::1111", "1.1.1.1", "8.8.8.8"]), inner=sockets)
    await backend.connect_tcp("many.example", 443)
    assert [host for host, _ in sockets.asked] == ["2606:4700::1111", "1.1.1.1", "8.8.8.8"]


async def test_it_says_so_when_no_address_answers():
    backend = GuardedBackend(resolve=resolver(["1.1.1.1", "8.8.8.8"]), inner=Sockets())
    with pytest.raises(httpcore.ConnectError):
        await backend.connect_tcp("dead.example", 443, timeout=1)


async def test_it_opens_no_unix_socket():
    with pytest.raises(UpstreamError):
        await GuardedBackend().connect_unix_socket("/var/run/docker.sock")


async def test_it_says_that_a_name_is_nobodys():
    with pytest.raises(NotConnected) as caught:
        await resolve("nobody.invalid", 443)
    assert caught.value.kind is FailureKind.DNS


async def test_it_looks_names_up_beside_the_event_loop(monkeypatch):
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(host, port):
        loop.call_soon_threadsafe(asked.set)
        return [(0, 0, 0, "", ("8.8.8.8", port)), (0, 0, 0, "", ("8.8.8.8", port))]

    monkeypatch.setattr("playground.upstream.transport.guard._getaddrinfo", slow)
    assert await resolve("example.org", 443) == ["8.8.8.8"]
    assert asked.is_set()
