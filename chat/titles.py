"""The title of a conversation, made from its first prompt or the name of its first attachment.

People rename it later.
"""

from __future__ import annotations

TITLE_CHARACTERS = 60


def title_of(prompt: str) -> str:
    """Make a title of the first line of a prompt, cut between words.

    >>> title_of("  Write a haiku\\nabout rain")
    'Write a haiku'
    """
    line = next((line.strip() for line in prompt.splitlines() if line.strip()), "New chat")
    if len(line) <= TITLE_CHARACTERS:
        return line
    return line[:TITLE_CHARACTERS].rsplit(" ", 1)[0] + "…"
