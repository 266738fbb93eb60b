"""The reasoning items of ``/v1/responses``: summaries, full text, and encrypted content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.upstream.dialects.shared.reading.limits import MAX_ITEMS
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.events import ReasoningDelta, ReasoningOpaque
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from playground.upstream.dialects.shared.reading.think import ThinkTags
    from playground.upstream.events import Event

Key = int | str
Json = dict[str, Any]

_GAP = "\n\n"


class ReasoningItems:
    """The reasoning of one answer. ``key`` and ``part`` are those of ``OutputItems``."""

    def __init__(self, text: ThinkTags) -> None:
        self._text = text
        self._place: tuple[Key, str, int] | None = None
        self._kinds: dict[Key, str] = {}
        self._opaque_hashes: set[int] = set()

    def __len__(self) -> int:
        return len(self._kinds)

    def add(self, key: Key, kind: str, part: object, words: str, events: list[Event]) -> None:
        """Add reasoning of an item. Of a summary and the full text, the first to come counts."""
        if len(self._kinds) >= MAX_ITEMS:
            key = next(iter(self._kinds))
        if self._kinds.setdefault(key, kind) != kind:
            return
        place = (key, kind, number(part))
        if self._place not in (None, place):
            words = _GAP + words
        self._place = place
        self._text.note_reasoning()
        events.append(ReasoningDelta(words))

    def finish(self, key: Key, item: Json, events: list[Event]) -> None:
        """Add the parts of a whole item that have not come before."""
        if key not in self._kinds:
            for kind, name in (("summary", "summary"), ("text", "content")):
                for part, content in enumerate(parts_of(item.get(name))):
                    if words := text_of(content.get("text")):
                        self.add(key, kind, part, words, events)
        self.add_opaque(item, events)

    def add_opaque(self, item: Json, events: list[Event]) -> None:
        """Add the encrypted content of an item once; it goes back with the next turn."""
        encrypted = item.get("encrypted_content")
        if not isinstance(encrypted, str) or not encrypted or hash(encrypted) in self._opaque_hashes:
            return
        if len(self._opaque_hashes) < MAX_ITEMS:
            self._opaque_hashes.add(hash(encrypted))
            summary = item.get("summary")
            data = {
                "type": "reasoning",
                "id": text_of(item.get("id")),
                "summary": storable(summary) if isinstance(summary, list) else [],
                "encrypted_content": encrypted,
            }
            events.append(ReasoningOpaque(data))


def number(part: object) -> int:
    return part if type(part) is int and 0 <= part < MAX_ITEMS else 0


def parts_of(found: object) -> list[Json]:
    """Return the parts of a content; some servers send the text alone."""
    if isinstance(found, str):
        return [{"text": found}] if found else []
    return [part for part in found[:MAX_ITEMS] if isinstance(part, dict)] if isinstance(found, list) else []
