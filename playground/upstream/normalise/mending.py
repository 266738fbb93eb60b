"""Text that nothing behind us could store: halves of characters, and the character NUL.

An upstream that cuts its text by UTF-16 units cuts emoji in two; PostgreSQL takes no NUL.
"""

from __future__ import annotations

import re
from typing import Any

from playground.upstream.normalise.limits import MAX_WAITING_HALVES

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_FIRST_HALF_LAST = re.compile("[\ud800-\udbff]$")
# Deeper than any answer we have seen, and far from what Python can take.
MAX_DEPTH = 64
_MOST_INT = 2**63


class Halves:
    """Keep the first half of a character until the piece of the same text that brings the second.

    Whatever stays alone becomes U+FFFD in ``storable``: no half may get further.
    """

    def __init__(self) -> None:
        self._waiting: dict[tuple[object, ...], str] = {}

    def join(self, holder: object, name: str, *place: object) -> None:
        """Mend the text of that name in ``holder``; ``place`` says which text it is a piece of."""
        text = holder.get(name) if isinstance(holder, dict) else None
        if not isinstance(holder, dict) or not isinstance(text, str) or not text:
            return
        key = (*map(str, place), name)
        text = self._waiting.pop(key, "") + text
        if _FIRST_HALF_LAST.search(text) and len(self._waiting) < MAX_WAITING_HALVES:
            self._waiting[key] = text[-1]
            text = text[:-1]
        holder[name] = text


def storable(value: Any, depth: int = MAX_DEPTH) -> Any:
    """A copy of a JSON value that every store takes; what nests too deeply becomes null."""
    if isinstance(value, str):
        if not _UNSTORABLE.search(value):
            return value
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, list):
        return [storable(item, depth - 1) for item in value] if depth else None
    if isinstance(value, dict):
        return {storable(name): storable(item, depth - 1) for name, item in value.items()} if depth else None
    if type(value) is int and not -_MOST_INT <= value < _MOST_INT:
        return None
    return value


def text_of(value: object) -> str:
    """The value if it is text, else nothing."""
    return value if isinstance(value, str) else ""
