"""The test whether an address is on a provider's own site."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit


def is_on_site(url: str, base_url: str) -> bool:
    """Return whether the address is on the host of ``base_url``, or on one beside or below it.

    >>> is_on_site("https://docs.example.org/m.json", "https://api.example.org/v1")
    True
    >>> is_on_site("http://169.254.169.254/m.json", "https://api.example.org/v1")
    False
    """
    there, here = split_address(url), split_address(base_url)
    if there is None or here is None or there.username is not None:
        return False
    if there.scheme != "https" and there.scheme != here.scheme:
        return False
    if there.hostname == here.hostname:
        return _port(there) == _port(here)
    if _is_address(str(here.hostname)) or _port(there) != 443:
        return False
    # Only "api." stands for a whole site: for other hosts, nothing tells where the site ends.
    site = str(here.hostname).removeprefix("api.")
    return "." in site and (there.hostname == site or str(there.hostname).endswith(f".{site}"))


def split_address(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
