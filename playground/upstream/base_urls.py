"""The base URL of a provider, from an address as people type or paste it."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from playground.exceptions import PlaygroundError
from playground.upstream.dialects.registry import endpoint_kinds
from playground.upstream.provider_site import split_address

LONGEST = 300
START = "Enter an address that starts with http:// or https://."
# Quotes, invisible characters and punctuation that come along when an address is copied from a text.
_AROUND = " \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff\"'`“”‘’„«»<>,;"
# Lines of a shell or of a settings file: OPENAI_BASE_URL="http://…", base_url: https://…, curl http://… -H …
_ASSIGNMENT = re.compile(r"(?:export\s+)?[A-Za-z_]\w{0,60}\s*[=:]\s*[\"'`]?(?=https?://)", re.ASCII)
_CURL = re.compile(r"curl\s[^\r\n]{0,200}?[\"']?(https?://[^\s\"']+)")
_SCHEME = re.compile(r"(https?)(?::/+|//+)", re.IGNORECASE)
_ANY_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE | re.ASCII)
_LABEL = re.compile(r"(?=.*[^\W_])[\w-]{1,63}")
_VERSION = re.compile(r"/v\d+[a-z0-9.]*(?=/|$)", re.IGNORECASE)
_PATH = re.compile(r"[^\s\\<>\"^`|\x00-\x1f\x7f]*")
# Names of private networks, which hardly ever have certificates.
_PRIVATE = re.compile(
    r"\.(?:local|lan|internal|intranet|home|corp|localdomain|localhost|arpa|test)$|\.svc\.|\.svc$"
)
_SHARED = ip_network("100.64.0.0/10")
# Pages that servers have beside their API.
_PAGES = re.compile(
    r"/(?:docs|redoc|openapi\.json|health|api/(?:tags|chat|generate|version|ps))$", re.IGNORECASE
)
_AFTER_VERSION = ("completions", "embeddings", "chat", "rerank")


class AddressMalformed(PlaygroundError, ValueError):
    """The text is no address of a server; the message is the sentence to show at the field."""


def mended(text: str) -> str:
    """Return the base URL that a text means: with a scheme, without quotes, endpoint or slash at the end.

    >>> mended("localhost:11434"), mended("api.example.com/v1/")
    ('http://localhost:11434', 'https://api.example.com/v1')
    >>> mended('"https://llm.example.org/v1/chat/completions"')
    'https://llm.example.org/v1'
    >>> mended("https://llm.example.org/v1/messages"), mended("https://example.org/messages")
    ('https://llm.example.org/v1', 'https://example.org/messages')

    :raises AddressMalformed: it is no address, or has credentials, a query or a fragment.
    """
    text = text[: 4 * LONGEST].strip(_AROUND)
    if found := _CURL.match(text):
        text = found[1]
    text = text[found.end() :] if (found := _ASSIGNMENT.match(text)) else text
    text = _with_scheme(text.strip(_AROUND))
    parts = _split(text)
    if parts.username is not None or parts.password is not None:
        raise AddressMalformed(
            "Remove the user name and password. The key is entered apart from the address."
        )
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise AddressMalformed("Remove everything from the ? or # on.")
    if not _PATH.fullmatch(parts.path):
        raise AddressMalformed("Check the part after the host: it has characters that no address has.")
    base_url = f"{parts.scheme}://{parts.netloc.lower()}{_without_endpoint(parts.path)}"
    if len(base_url) > LONGEST:
        raise AddressMalformed(f"An address has at most {LONGEST} characters.")
    return base_url


def places_of_api(base_url: str) -> list[str]:
    """Return the base URLs to try: the given one and, if it has no version, the one with it.

    >>> places_of_api("http://localhost:11434"), places_of_api("https://example.org/api/v3")
    (['http://localhost:11434', 'http://localhost:11434/v1'], ['https://example.org/api/v3'])
    """
    if _VERSION.search(urlsplit(base_url).path):
        return [base_url]
    return [base_url, f"{base_url}/v1"]


def is_same_server(before: str, after: str) -> bool:
    """Tell whether a key of the first base URL may go to the second: same host and port, no less protected.

    >>> is_same_server("http://a.org/v1", "https://A.org/v2"), is_same_server("https://a.org", "http://a.org")
    (True, False)
    """
    old, new = urlsplit(before), urlsplit(after)
    if (old.hostname, new.scheme) == (new.hostname, "https") and old.scheme == "http":
        return old.port == new.port or (old.port, new.port) in ((None, 443), (80, None), (80, 443))
    return (old.scheme, old.hostname, _port(old)) == (new.scheme, new.hostname, _port(new))


def host_and_port(base_url: str) -> str:
    """Return the place where the server listens, as people write it: ``192.168.1.20:11434``."""
    parts = urlsplit(base_url)
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else str(parts.hostname)
    return f"{host}:{_port(parts)}"


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _with_scheme(text: str) -> str:
    if found := _SCHEME.match(text):
        return f"{found[1].lower()}://{text[found.end() :]}"
    if not text or _ANY_SCHEME.match(text):
        raise AddressMalformed(START)
    text = text.lstrip("/")
    host = _split(f"http://{text}").hostname or ""
    return f"{'http' if _is_private(host) else 'https'}://{text}"


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        # `urlsplit` checks the port when it is read.
        is_usable = parts.port != 0 and _is_host(parts.hostname or "") and not re.search(r"\s", url)
    except ValueError:
        is_usable = False
    if not is_usable:
        raise AddressMalformed(START)
    return parts


def _is_host(host: str) -> bool:
    # Host names of containers and clusters have underscores, which the rules for host names do not know.
    if ":" in host:
        return _is_numeric(host)
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.removesuffix(".").split("."))


def _is_numeric(host: str) -> bool:
    try:
        ip_address(host.split("%")[0])
    except ValueError:
        return False
    return True


def is_on_own_network(base_url: str) -> bool:
    """Return whether the address is of a private network, told by its name or number alone.

    >>> is_on_own_network("http://192.168.1.9:8000/v1"), is_on_own_network("http://ollama:11434/v1")
    (True, True)
    >>> is_on_own_network("https://8.8.8.8/v1"), is_on_own_network("https://api.example.com/v1")
    (False, False)
    """
    parts = split_address(base_url)
    host = (parts.hostname or "").removesuffix(".").split("%")[0] if parts else ""
    try:
        address = ip_address(host)
    except ValueError:
        return bool(host) and ("." not in host or bool(_PRIVATE.search(host)))
    # Overlay networks such as Tailscale give their machines shared addresses.
    return address.is_private or address in _SHARED


def _is_private(host: str) -> bool:
    name = host.removesuffix(".")
    return "." not in name or "_" in name or _is_numeric(name) or bool(_PRIVATE.search(name))


def _without_endpoint(path: str) -> str:
    path = re.sub(r"/{2,}", "/", path).rstrip("/")
    path = path[: found.start()] if (found := _PAGES.search(path)) else path
    # A word alone may be part of a gateway's own path; after a version it is an endpoint.
    kinds = endpoint_kinds()
    anywhere = "|".join(re.escape(kind) for kind in (*kinds, "models") if "/" in kind or kind == "models")
    versioned = "|".join(re.escape(kind) for kind in (*kinds, *_AFTER_VERSION))
    path = re.sub(rf"(?:/(?:{anywhere}))$", "", path, flags=re.IGNORECASE)
    return re.sub(rf"(/v\d+)/(?:{versioned}|models(?:/.*)?)$", r"\1", path, flags=re.IGNORECASE).rstrip("/")
