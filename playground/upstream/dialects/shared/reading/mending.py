"""Text in pieces that nothing behind us could store as they are."""

from __future__ import annotations

import re

from playground.upstream.dialects.shared.reading.limits import MAX_WAITING_HALVES
from playground.upstream.storable import storable

__all__ = ["Halves", "storable", "text_of"]

_FIRST_HALF_LAST = re.compile("[\ud800-\udbff]$")


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


def text_of(value: object) -> str:
    """The value if it is text, else nothing."""
    return value if isinstance(value, str) else ""
