"""The words of messages and of cases as a search compares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accounts.folding import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

# Characters of a text that a search finds. Longer texts are logs and the like.
MAX_FOLDED = 1_000_000


def folded_message(text: str, data: dict[str, Any]) -> str:
    """Return all words of a message, those of the other choices of an answer included."""
    others = data.get("choices", {})
    texts = [text, *(str(others[index].get("text", "")) for index in sorted(others))]
    return fold("\n".join(texts)[:MAX_FOLDED])


def folded_values(values: Mapping[str, str]) -> str:
    """Return the words of a case, without the names of its variables."""
    return fold("\n".join(map(str, values.values()))[:MAX_FOLDED])
