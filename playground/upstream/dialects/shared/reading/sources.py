"""Citations, read from every place where vendors put them, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.upstream.dialects.shared.reading.limits import MAX_CITATIONS, MAX_QUOTE, MAX_TITLE, MAX_URL
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.events import Citation

if TYPE_CHECKING:
    from playground.upstream.events import Event

# Names of one field in the annotations, citations and results of several vendors.
_ADDRESSES = ("url", "uri", "source")
_TITLES = ("title", "document_title", "filename", "file_id")
_QUOTES = ("cited_text", "content", "snippet")


class Sources:
    """The citations of one answer.

    Perplexity repeats the whole list in every chunk: addresses in one field, their titles in another.
    """

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._last: object = None

    def feed_lists(self, citations: object, results: object, events: list[Event]) -> None:
        lists = (citations, results)
        if lists == self._last:
            return
        self._last = lists
        known = {found.url: found for found in _read_all(results)}
        for found in (*_read_all(citations), *known.values()):
            self._emit(known.get(found.url, found), events)

    def feed_annotations(self, annotations: object, events: list[Event]) -> None:
        for annotation in annotations if isinstance(annotations, list) else ():
            self.feed_one(annotation, events)

    def feed_one(self, annotation: object, events: list[Event]) -> None:
        """Read OpenAI's annotation, flat or nested under its type, or Anthropic's citation."""
        if isinstance(annotation, dict):
            inner = annotation.get(text_of(annotation.get("type")))
            found = _read(inner if isinstance(inner, dict) else annotation)
            if found:
                self._emit(found, events)

    def _emit(self, found: Citation, events: list[Event]) -> None:
        key = (found.url, "" if found.url else found.title)
        if key not in self._seen and len(self._seen) < MAX_CITATIONS:
            self._seen.add(key)
            events.append(found)


def _read_all(found: object) -> list[Citation]:
    items = found[:MAX_CITATIONS] if isinstance(found, list) else ()
    return [citation for item in items if (citation := _read(item)) and citation.url]


def _read(item: object) -> Citation | None:
    """Read an address, or an object that has one under any of its names."""
    if isinstance(item, str):
        return Citation(item[:MAX_URL]) if item else None
    if not isinstance(item, dict):
        return None
    url, title = _first(item, _ADDRESSES)[:MAX_URL], _first(item, _TITLES)[:MAX_TITLE]
    return Citation(url, title, _first(item, _QUOTES)[:MAX_QUOTE]) if url or title else None


def _first(item: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := text_of(item.get(name)))), "")
