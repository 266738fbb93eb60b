"""The HTML of texts that no longer change, cached up to a total size."""

from __future__ import annotations

from hashlib import blake2b
from threading import Lock

from cachetools import LRUCache
from django.utils.safestring import SafeString, mark_safe

from chat import markdown

# Characters of HTML in one process: some ten thousand answers of a page, or a hundred very long ones.
MOST_KEPT = 16_000_000
EMPTY = mark_safe("")


class Rendered:
    """A cache limited by the length of its HTML, since one answer may be as long as a thousand others.

    It keeps a digest in place of each text. Threads of several requests share it; two that ask for the same
    text at the same time both render it.
    """

    def __init__(self, most: int) -> None:
        self._kept: LRUCache[bytes, SafeString] = LRUCache(most, getsizeof=len)
        self._lock = Lock()

    @property
    def size(self) -> float:
        return self._kept.currsize

    def html_of(self, text: str) -> SafeString:
        # A lone surrogate has no UTF-8; two texts must not share a digest because of that.
        key = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        with self._lock:
            if (found := self._kept.get(key)) is not None:
                return found
        # chat.markdown sanitises the HTML; no other module makes HTML of a model's text.
        html = mark_safe(markdown.render(text))  # noqa: S308
        if len(html) <= self._kept.maxsize:
            with self._lock:
                self._kept[key] = html
        return html


_rendered = Rendered(MOST_KEPT)


def html_of(text: str) -> SafeString:
    """Return the HTML of a message that has ended, rendering it only the first time."""
    return _rendered.html_of(text) if text else EMPTY
