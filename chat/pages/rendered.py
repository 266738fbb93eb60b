"""The HTML of texts that do not change any more, kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from threading import Lock

from django.utils.safestring import SafeString, mark_safe

from chat import markdown

# Characters of HTML in one process: some ten thousand answers of a page, or a hundred very long ones.
MOST_KEPT = 16_000_000
EMPTY = mark_safe("")


class Rendered:
    """Bounded by what it holds, not by how many: one answer may be as long as a thousand others.

    Of a text only a digest is kept. Threads of several requests use it at once; two that ask for the same
    at the same time both render it.
    """

    def __init__(self, most: int) -> None:
        self.size = 0
        self._most = most
        self._kept: OrderedDict[bytes, SafeString] = OrderedDict()
        self._lock = Lock()

    def html_of(self, text: str) -> SafeString:
        # A lone surrogate has no UTF-8; two texts must not share a digest because of that.
        key = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        with self._lock:
            if (found := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return found
        # Sanitised by chat.markdown, which alone makes HTML of a model's words.
        html = mark_safe(markdown.render(text))  # noqa: S308
        with self._lock:
            self._keep(key, html)
        return html

    def _keep(self, key: bytes, html: SafeString) -> None:
        if key in self._kept:
            return
        self._kept[key] = html
        self.size += len(html)
        while self.size > self._most:
            _, oldest = self._kept.popitem(last=False)
            self.size -= len(oldest)


_rendered = Rendered(MOST_KEPT)


def html_of(text: str) -> SafeString:
    """A message that has ended never changes: a page of a long conversation renders only what is new."""
    return _rendered.html_of(text) if text else EMPTY
