"""Readers of content and reasoning that come as lists of typed parts instead of plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from playground.upstream.dialects.shared.reading.limits import MAX_ITEMS
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.events import Event, ReasoningDelta, RefusalDelta
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from playground.upstream.dialects.shared.reading.images import Images
    from playground.upstream.dialects.shared.reading.think import ThinkTags


class Details(NamedTuple):
    """The readable text of a list of parts, and the parts that go back with the next turn."""

    text: str
    opaque: list[dict[str, Any]]


class DetailReader:
    """The reader of ``reasoning_details``.

    A signature comes after the text that it covers and is valid only together with it.
    """

    def __init__(self) -> None:
        self._words: dict[tuple[int, int], list[str]] = {}

    def read(self, details: object, choice: int) -> Details:
        words, opaque = [], []
        for item in details[:MAX_ITEMS] if isinstance(details, list) else ():
            if not isinstance(item, dict):
                continue
            text = item.get("text") or item.get("summary")
            if isinstance(text, str):
                words.append(text)
            if item.get("type") == "reasoning.text" and not item.get("data"):
                item = self._signed(item, choice)
            if item.get("data") or item.get("signature"):
                opaque.append(storable(item))
        return Details("".join(words), opaque)

    def _signed(self, item: dict[str, Any], choice: int) -> dict[str, Any]:
        """Return the item. If it has a signature, its text becomes the whole text that was signed."""
        index = item.get("index")
        place = (choice, index if type(index) is int and 0 <= index < MAX_ITEMS else 0)
        pieces = self._words.setdefault(place, [])
        if isinstance(item.get("text"), str):
            pieces.append(item["text"])
        if not item.get("signature"):
            return item
        del self._words[place]
        return {**item, "text": "".join(pieces)}


class ThinkingBlocks:
    """The reader of LiteLLM's ``thinking_blocks``: Anthropic's blocks, in pieces.

    ``reasoning_content`` mostly holds the same text. The blocks go back under the same name, whole
    and signed.
    """

    def __init__(self) -> None:
        self._words: dict[int, list[str]] = {}
        # Choices whose text comes in another field.
        self._has_other_text: set[int] = set()

    def read(self, blocks: object, choice: int, beside: object) -> Details:
        """Read the blocks of one chunk; ``beside`` is the reasoning in another field of it, if any."""
        if beside:
            self._has_other_text.add(choice)
        words, opaque = [], []
        for block in blocks[:MAX_ITEMS] if isinstance(blocks, list) else ():
            if not isinstance(block, dict):
                continue
            if block.get("type") == "redacted_thinking":
                if block.get("data"):
                    opaque.append({"type": "redacted_thinking", "data": block["data"]})
                continue
            words.append(self._add(text_of(block.get("thinking")), choice))
            if block.get("signature"):
                whole = "".join(self._words.pop(choice, ()))
                opaque.append({"type": "thinking", "thinking": whole, "signature": block["signature"]})
        is_new = choice not in self._has_other_text
        kept = [{"thinking_blocks": [storable(block)]} for block in opaque]
        return Details("".join(words) if is_new else "", kept)

    def _add(self, text: str, choice: int) -> str:
        """Return the new part of the text: the piece with the signature may repeat the whole text."""
        pieces = self._words.setdefault(choice, [])
        if len(pieces) > 1 and _is_all_of(text, pieces):
            return ""
        if text:
            pieces.append(text)
        return text


def _is_all_of(text: str, pieces: list[str]) -> bool:
    """Return whether the pieces make up the text, in time linear to the length of the text."""
    place = 0
    for piece in pieces:
        if not text.startswith(piece, place):
            return False
        place += len(piece)
    return place == len(text)


def read_content(content: object, choice: int, text: ThinkTags, images: Images, events: list[Event]) -> None:
    """Read content parts such as those of Mistral's reasoning models: text, thinking, refusal, images."""
    for part in content if isinstance(content, list) else ():
        if isinstance(part, str):
            text.feed(part, events)
        elif isinstance(part, dict):
            _read_part(part, choice, text, events)
            images.feed_list([part], events)


def _read_part(part: dict[str, Any], choice: int, text: ThinkTags, events: list[Event]) -> None:
    thinking = part.get("thinking") or part.get("reasoning")
    if thinking:
        words = thinking if isinstance(thinking, str) else "".join(_texts(thinking))
        if words:
            text.note_reasoning()
            events.append(ReasoningDelta(words, choice))
    if isinstance(part.get("text"), str):
        text.feed(part["text"], events)
    refusal = part.get("refusal")
    if refusal and isinstance(refusal, str):
        events.append(RefusalDelta(refusal, choice))


def _texts(parts: object) -> list[str]:
    found = [part.get("text") for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return [text for text in found if isinstance(text, str)]
