"""The delay before a retry that a provider asks for, in headers or in the body of an error."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from playground.upstream.errors.embedded import embedded_json

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def retry_after(headers: Mapping[str, str]) -> str:
    """Return the delay that the headers ask for, as ``Retry-After`` would state it."""
    milliseconds = headers.get("retry-after-ms", "").strip()
    if milliseconds.isascii() and milliseconds.isdigit():
        return str(int(milliseconds[:9]) / 1000)
    return headers.get("retry-after", "")


def seconds_of(retry_after: str) -> float | None:
    """Return seconds or an HTTP date as seconds from now; None for anything else.

    >>> seconds_of("7"), seconds_of("0.5"), seconds_of("soon"), seconds_of("-1")
    (7.0, 0.5, None, None)
    """
    text = retry_after.strip()[:40]
    if re.fullmatch(r"\d{1,9}(\.\d*)?", text, re.ASCII):
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        # OverflowError means a time zone offset beyond the range of the calendar.
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def in_words(seconds: float) -> str:
    """
    >>> in_words(0.2), in_words(90), in_words(600), in_words(7200)
    ('1 s', '90 s', '10 minutes', '2 hours')
    """
    if seconds < 120:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} minutes" if seconds < 7200 else f"{round(seconds / 3600)} hours"
