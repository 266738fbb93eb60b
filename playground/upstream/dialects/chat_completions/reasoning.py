"""The readers of reasoning: as text, as objects and lists around it, and sealed or signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from playground.upstream.dialects.shared.reading.limits import MAX_ITEMS
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.events import ReasoningDelta, ReasoningOpaque
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from playground.upstream.dialects.chat_completions.chunks import Delta
    from playground.upstream.events import Event

# Names of the text in an object of reasoning, the fullest first.
_WORDS = ("text", "content", "thinking", "reasoning", "reasoning_content", "summary", "summary_text", "parts")


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
            words.append(words_in(item.get("text") or item.get("summary")))
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

    def note_other_text(self, choice: int) -> None:
        """Take note that the reasoning of this choice comes in another field."""
        self._has_other_text.add(choice)

    def read(self, blocks: object, choice: int, beside: object) -> Details:
        """Read the blocks of one chunk; ``beside`` is the reasoning in another field of it, if any."""
        if beside:
            self.note_other_text(choice)
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


class ReasoningReader:
    """The reader of all fields of reasoning."""

    def __init__(self) -> None:
        self._details = DetailReader()
        self._blocks = ThinkingBlocks()

    def feed(self, delta: Delta, reasoning: object, choice: int, events: list[Event]) -> None:
        """Read the text once: ``reasoning_details`` repeats ``reasoning`` and adds opaque parts."""
        if type(reasoning) is str and not delta.reasoning_details and not delta.thinking_blocks:
            self._blocks.note_other_text(choice)
            events.append(ReasoningDelta(reasoning, choice))
            return
        details = self._details.read(delta.reasoning_details, choice)
        blocks = self._blocks.read(delta.thinking_blocks, choice, reasoning or details.text)
        words = words_in(reasoning) or details.text or blocks.text
        if words:
            events.append(ReasoningDelta(words, choice))
        events.extend(ReasoningOpaque(item, choice) for item in (*details.opaque, *blocks.opaque))


def words_in(reasoning: object, depth: int = 4) -> str:
    """Return the text of reasoning that is a text, an object around one, or a list of these.

    >>> words_in({"summary": [{"type": "summary_text", "text": "Left "}, "or right?"]})
    'Left or right?'
    """
    if isinstance(reasoning, str):
        return reasoning
    if isinstance(reasoning, list) and depth:
        return "".join(words_in(part, depth - 1) for part in reasoning[:MAX_ITEMS])
    if isinstance(reasoning, dict) and depth:
        return next((words for name in _WORDS if (words := words_in(reasoning.get(name), depth - 1))), "")
    return ""
