"""The delay before a retry that a provider asks for in the body of an error."""

from __future__ import annotations

import re

from playground.upstream.errors.embedded import embedded_json

_DELAY = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s", re.ASCII)
_DELAY_KEYS = ("details", "error", "message", "detail", "metadata", "raw")
_MOST_DETAILS = 20
_MAX_DEPTH = 10


def asked_delay(found: object, depth: int = 0) -> str:
    """Return Google's delay as ``Retry-After`` would state it. It may be nested, also as JSON in strings.

    https://cloud.google.com/apis/design/errors (google.rpc.RetryInfo)

    >>> asked_delay({"error": {"details": [{"@type": "…/google.rpc.RetryInfo", "retryDelay": "34.5s"}]}})
    '34.5'
    """
    if depth > _MAX_DEPTH:
        return ""
    if isinstance(found, str):
        found = embedded_json(found) if "retryDelay" in found else None
    if isinstance(found, dict):
        delay = found.get("retryDelay")
        if isinstance(delay, str) and (said := _DELAY.fullmatch(delay)):
            return said[1]
        found = [found[name] for name in _DELAY_KEYS if name in found]
    items = found[:_MOST_DETAILS] if isinstance(found, list) else ()
    return next((delay for item in items if (delay := asked_delay(item, depth + 1))), "")
