"""The reader of content that comes as a list of typed parts instead of plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.upstream.dialects.chat_completions.reasoning import words_in
from playground.upstream.events import Event, ReasoningDelta, RefusalDelta

if TYPE_CHECKING:
    from playground.upstream.dialects.shared.reading.images import Images
    from playground.upstream.dialects.shared.reading.think import ThinkTags


def read_content(content: object, choice: int, text: ThinkTags, images: Images, events: list[Event]) -> None:
    """Read content parts such as those of Mistral's reasoning models: text, thinking, refusal, images."""
    parts = content if isinstance(content, list) else [content]
    for part in parts:
        if isinstance(part, str):
            text.feed(part, events)
        elif isinstance(part, dict):
            _read_part(part, choice, text, events)
            images.feed_list([part], events)


def _read_part(part: dict[str, Any], choice: int, text: ThinkTags, events: list[Event]) -> None:
    if words := words_in(part.get("thinking") or part.get("reasoning")):
        text.note_reasoning()
        events.append(ReasoningDelta(words, choice))
    if isinstance(part.get("text"), str):
        text.feed(part["text"], events)
    refusal = part.get("refusal")
    if refusal and isinstance(refusal, str):
        events.append(RefusalDelta(refusal, choice))
