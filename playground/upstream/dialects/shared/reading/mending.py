"""Repairs of text that arrives in pieces which cannot be stored on their own."""

from __future__ import annotations

import re

from playground.upstream.dialects.shared.reading.limits import MAX_WAITING_HALVES

_FIRST_HALF_LAST = re.compile("[\ud800-\udbff]$")


class Halves:
    """First halves of surrogate pairs that wait for the next piece of the same text.

    A half that stays alone becomes U+FFFD in ``storable``.
    """

    def __init__(self) -> None:
        self._waiting: dict[tuple[object, ...], str] = {}

    def join(self, holder: object, name: str, *place: object) -> None:
        """Complete the text of that name in ``holder``; ``place`` identifies the text that it belongs to."""
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
    """Return the value if it is text, else an empty text."""
    return value if isinstance(value, str) else ""
