"""The search for the message that is meant for people in an error body."""

from __future__ import annotations

import html
import re
from typing import Any

from playground.upstream.errors.embedded import embedded_json
from playground.upstream.errors.envelopes import plain

# Names of the words for people as ``plain`` writes them, the most informative first.
_WORD_KEYS = (
    *(
        "message",
        "error",
        "detail",
        "msg",
        "errormessage",
        "errormsg",
        "errmsg",
        "statusmsg",
        "statusmessage",
    ),
    *("errordescription", "title", "reason", "errors", "issues", "description", "details", "baseresp"),
)
_MAX_DEPTH = 6
# The pattern stops at the next tag: a page of nothing but beginnings would take quadratic time.
_TITLE = re.compile(r"<title[^<>]*>(.{0,500}?)</title>", re.DOTALL | re.IGNORECASE)


def read_page(text: str) -> str:
    """Return the title if the text is a web page, else the text."""
    if not text.startswith("<"):
        return text
    title = _TITLE.search(text)
    return html.unescape(title[1]).strip() if title else "It answered with a web page."


def message_of(found: object, depth: int = 0) -> str:
    """Return the innermost message: errors nest, as objects and as JSON inside strings."""
    if depth > _MAX_DEPTH:
        return ""
    if isinstance(found, str):
        return _words_in_text(found, depth)
    if isinstance(found, list):
        parts = [message_of(item, depth + 1) for item in found[:5]]
        return "; ".join(part for part in parts if part)
    if not isinstance(found, dict):
        return ""
    fields = {plain(name): value for name, value in found.items()}
    for key in _WORD_KEYS:
        words = message_of(fields.get(key), depth + 1)
        if words:
            return _with_place(words, found) + _quoted_provider(found, words, depth)
    return ""


def _words_in_text(text: str, depth: int) -> str:
    """Return the message of an error that the text holds as JSON: ``400 {"error": {"message": …}}``."""
    return message_of(embedded_json(text), depth + 1) or text.strip()


def _with_place(words: str, found: dict[str, Any]) -> str:
    """Prefix the place that FastAPI and zod name: ``{"loc": ["body", "top_p"], "msg": …}``."""
    place = found.get("loc") or (found.get("path") if isinstance(found.get("path"), list) else None)
    if isinstance(place, list) and place:
        return f"{'.'.join(str(step) for step in place)}: {words}"
    return words


def _quoted_provider(found: dict[str, Any], words: str, depth: int) -> str:
    """Return the words of the provider behind OpenRouter, which are under ``metadata.raw``."""
    metadata = found.get("metadata")
    raw = message_of(metadata.get("raw"), depth + 1) if isinstance(metadata, dict) else ""
    return f" ({raw})" if raw and raw not in words else ""
