"""Addresses of endpoints, and keys in a text."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playground.code.reading.paste import PasteRefused
from playground.upstream.dialects.registry import endpoint_kinds

# A key, and no name of a variable or placeholder such as $KEY, {key} and <YOUR_KEY>.
_KEY = re.compile(
    r"""\bBearer\s+[\w.~+/-]{8,}
      | \bsk-[\w-]{8,}
      | \b(?:x-)?(?:api[_-]?key|auth[_-]?token|access[_-]?token)["']?\s*[:=]\s*["']?[^\s"'$<{(\[]{12,}
      | ://[^\s/@"']+:[^\s/@"']+@
      | (?:\s-u\s*|--user[\s=]|--oauth2-bearer[\s=])["']?[^\s"'$<{]{3,}
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Code looks the key up and does not contain it.
_LOOKED_UP = re.compile(r"os\.(?:environ|getenv)|process\.env", re.IGNORECASE)


def has_key(text: str) -> bool:
    """Return whether ``text`` seems to contain a key.

    >>> has_key("-H 'Authorization: Bearer $KEY'"), has_key("-H 'Authorization: Bearer 0123456789abcdef'")
    (False, True)
    """
    return any(not _LOOKED_UP.search(found[0]) for found in _KEY.finditer(text))


def split_address(url: str) -> tuple[str, str]:
    """Return the base URL and the kind of endpoint of an address, without user, password and query.

    >>> split_address("https://me:pw@api.example.com/v1/chat/completions?x=y")
    ('https://api.example.com/v1', 'chat/completions')

    :raises PasteRefused: it is no address of an endpoint that the playground can call.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise PasteRefused("The address in your paste is not valid.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise PasteRefused(
            "The address in your paste is not complete. It has to begin with https:// or http://."
        )
    place = f"[{host}]" if ":" in host else host
    base = f"{parts.scheme}://{place}{f':{port}' if port else ''}"
    path = parts.path.rstrip("/")
    for kind in endpoint_kinds():
        if path.endswith(f"/{kind}"):
            return base + path.removesuffix(f"/{kind}"), kind
    offered = ", ".join(f"/{kind}" for kind in endpoint_kinds())
    raise PasteRefused(
        f"The address in your paste is that of another endpoint. The playground opens {offered}."
    )


def guessed_kind(body: dict[str, object], header_names: tuple[str, ...] = ()) -> str:
    """Return the kind of endpoint that a body without an address is for.

    >>> guessed_kind({"input": "Hi"}), guessed_kind({"messages": [], "system": "Be brief."})
    ('responses', 'messages')
    """
    if "messages" not in body:
        return "responses" if "input" in body or "instructions" in body else ""
    tools = body.get("tools")
    are_of_messages = isinstance(tools, list) and any(
        "input_schema" in each for each in tools if isinstance(each, dict)
    )
    if "system" in body or are_of_messages or "anthropic-version" in header_names:
        return "messages"
    return "chat/completions"
