"""The rules for addresses that an upstream may have. Names are resolved elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

# Only this part of IPv6 is assigned publicly; everything else is reserved, local or unused.
_UNICAST = IPv6Network("2000::/3")
# Addresses that embed an IPv4 address. A translator would connect to that one instead.
_CARRIERS = (
    IPv6Network("64:ff9b::/96"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("2001::/32"),
    IPv6Network("2002::/16"),
)
_RELAY_ANYCAST = IPv4Network("192.88.99.0/24")
_BRACKETED = re.compile(r"\[(?P<host>[^\]/]+)(?P<inner>/\d+)?\](?P<outer>/\d+)?(?::(?P<port>\d+))?")


@dataclass(frozen=True, slots=True)
class AllowedNetwork:
    """A network that is allowed although it is private; no port means every port."""

    network: IPv4Network | IPv6Network
    port: int | None = None

    def covers(self, address: Address, port: int) -> bool:
        return address in self.network and self.port in (None, port)


def parse_allowed(text: str) -> AllowedNetwork:
    """Read ``CIDR`` or ``CIDR:port``; IPv6 with a port needs brackets. Raise ``ValueError`` for others.

    >>> parse_allowed("10.0.0.0/8:11434")
    AllowedNetwork(network=IPv4Network('10.0.0.0/8'), port=11434)
    >>> parse_allowed("[::1]:8080")
    AllowedNetwork(network=IPv6Network('::1/128'), port=8080)
    """
    text = text.strip()
    if match := _BRACKETED.fullmatch(text):
        network = match["host"] + (match["inner"] or match["outer"] or "")
        return AllowedNetwork(ip_network(network), _port(match["port"]))
    if text.count(":") == 1:
        network, _, port = text.partition(":")
        return AllowedNetwork(ip_network(network), _port(port))
    return AllowedNetwork(ip_network(text))


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise ValueError(f"{text!r} is not a port")
    return int(text)


def is_permitted(text: str, port: int, allowed: tuple[AllowedNetwork, ...] = ()) -> bool:
    """Return whether a numeric address is public or explicitly allowed."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(entry.covers(address, port) for entry in allowed) or is_public(address)


def is_public(address: Address) -> bool:
    if address.is_multicast or not address.is_global:
        return False
    if isinstance(address, IPv4Address):
        return address not in _RELAY_ANYCAST
    return address in _UNICAST and not any(address in carrier for carrier in _CARRIERS)
