"""The reasons why a server cannot be used as it was entered, in words, and the ways out."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import ngettext

from playground.models import Provider
from playground.upstream.base_urls import host_and_port
from playground.upstream.errors.exceptions import AddressRefused, FailureKind, UpstreamError

SETTING = "ALLOWED_PRIVATE_UPSTREAMS"
# More addresses of one name would make a line that nobody reads.
_MOST_ADDRESSES = 4
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class ServerTrouble:
    """``text`` is for the field ``field``; ``choice`` and ``label`` for a button that saves all the same."""

    text: str
    field: str = "base_url"
    choice: str = ""
    label: str = ""
    # The address that the button is for.
    base_url: str = ""
    # The line that the person who runs the playground copies into its settings.
    line: str = ""


def trouble_with(error: UpstreamError, base_url: str, *, has_key: bool) -> ServerTrouble:
    """Describe why the server at ``base_url`` did not list its models."""
    place = host_and_port(base_url)
    if isinstance(error, AddressRefused):
        return _refused(error, base_url)
    if error.kind is FailureKind.UNAUTHORISED:
        text = (
            "The server did not accept this key." if has_key else "This server asks for a key. Enter it here."
        )
        return ServerTrouble(text, "secret", "without_key", "Save without a key", base_url)
    texts = {
        FailureKind.CONNECT: f"Nothing answers at {place}. {_advice(base_url)}",
        FailureKind.TIMEOUT_CONNECT: f"Nothing answers at {place}. {_advice(base_url)}",
        FailureKind.TIMEOUT_FIRST_TOKEN: f"{place} accepts connections, but does not answer in time.",
        FailureKind.TIMEOUT_TOTAL: f"{place} did not list its models in time.",
        FailureKind.DNS: f"There is no server called {urlsplit(base_url).hostname}. Check the spelling.",
        FailureKind.BAD_ADDRESS: "This is not a valid address.",
        FailureKind.TLS: f"No secure connection to {place} could be made. If the server has no certificate, "
        "start the address with http://.",
        FailureKind.NOT_FOUND: f"A server answers at {place}, but does not list its models there. "
        "Check the path: most addresses end in /v1.",
    }
    text = texts.get(error.kind, error.message)
    if error.kind is FailureKind.MALFORMED and base_url.startswith("http:"):
        text += " If it expects a secure connection, start the address with https://."
    if error.kind is FailureKind.BAD_ADDRESS:
        return ServerTrouble(text)
    return ServerTrouble(text, choice="anyway", label="Save it anyway", base_url=base_url)


def keys_at_stake(provider: Provider, base_url: str, count: int) -> ServerTrouble:
    """Describe the keys that a change of the address deletes, since they are for another server."""
    stored = ngettext("%d key is", "%d keys are", count) % count
    text = (
        f"{stored} stored for {host_and_port(provider.base_url)} and must not go to "
        f"{host_and_port(base_url)}. Saving deletes what is stored, members' own keys included."
    )
    return ServerTrouble(text, choice="drop_keys", label="Delete the keys and save", base_url=base_url)


def _advice(base_url: str) -> str:
    if urlsplit(base_url).hostname in _HERE:
        return (
            "Check that the server runs and the port is right. If this playground runs in a container, "
            f"{urlsplit(base_url).hostname} is the container: enter the address of the machine."
        )
    return "Check that the server runs, that it accepts connections from other machines, and the port."


def _refused(error: AddressRefused, base_url: str) -> ServerTrouble:
    place = host_and_port(base_url)
    port = place.rpartition(":")[2]
    entries = [entry for address in error.addresses[:_MOST_ADDRESSES] if (entry := _entry(address, port))]
    if not entries:
        return ServerTrouble(
            f"No provider can be at {place}. Enter the address at which other machines reach the server."
        )
    line = ",".join(entries)
    if settings.ALLOWED_PRIVATE_UPSTREAMS:
        # The entries that are there are the operator's business, so they are not shown.
        how = f"add this to {SETTING} and restart it:"
    else:
        how, line = "restart it with this setting:", f"{SETTING}={line}"
    return ServerTrouble(
        f"{place} is on a private network, which this playground may not connect to. "
        f"The person who runs this playground can allow it: {how}",
        line=line,
    )


def _entry(address: str, port: str) -> str:
    """Return the entry of the setting for an address; empty if it should never be allowed."""
    try:
        found = ip_address(address.split("%")[0])
    except ValueError:
        return ""
    # Clouds serve credentials at link-local addresses, and nothing listens at the other two kinds.
    if found.is_link_local or found.is_unspecified or found.is_multicast:
        return ""
    return f"[{found}]:{port}" if found.version == 6 else f"{found}:{port}"
