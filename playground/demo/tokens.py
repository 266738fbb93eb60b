"""The demo's tokeniser: word pieces of up to six letters, each with the space before it."""

from __future__ import annotations

import re
from typing import Any

_PIECE = re.compile(r"\s*\w{1,6}|\s*[^\w\s]|\s+")
# Tokens of a message besides its text, for its role and delimiters.
TOKENS_PER_MESSAGE = 4


def split(text: str) -> list[str]:
    """Split a text into pieces that join to exactly the text.

    >>> split("Hello, understanding reader!")
    ['Hello', ',', ' unders', 'tandin', 'g', ' reader', '!']
    """
    return _PIECE.findall(text)


def count(text: str) -> int:
    return len(split(text))


def count_messages(messages: tuple[dict[str, Any], ...]) -> int:
    return sum(TOKENS_PER_MESSAGE + count(text_of(message.get("content"))) for message in messages)


def text_of(content: object) -> str:
    """Return the text of a message's content: a string, a list of parts, or None."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return "\n".join(part for part in parts if isinstance(part, str))
    return ""
