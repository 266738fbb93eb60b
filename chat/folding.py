"""The words of a message as a search compares them."""

from __future__ import annotations

from typing import Any

from accounts.folding import fold

# Characters of a text that a search finds. Longer texts are logs and the like.
MAX_FOLDED = 1_000_000


def folded_message(text: str, data: dict[str, Any]) -> str:
    """Return all words of a message, those of the other choices of an answer included."""
    others = data.get("choices", {})
    texts = [text, *(str(others[index].get("text", "")) for index in sorted(others))]
    return fold("\n".join(texts)[:MAX_FOLDED])
