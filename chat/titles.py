"""The title of a conversation, made from its first prompt or the name of its first attachment.

People rename it later.
"""

from __future__ import annotations

from accounts.names import one_line

TITLE_CHARACTERS = 60
# The beginning of a prompt in which the title is looked for.
_READ = 20_000


def title_of(prompt: str) -> str:
    """Make a title of the first line of a prompt, cut between words.

    >>> title_of("  Write a haiku\\nabout rain")
    'Write a haiku'
    >>> title_of("\\u202e\\n\\u2066What is \\u202eterces\\u202c?")
    'What is terces?'
    """
    line = next(filter(None, map(one_line, prompt[:_READ].splitlines())), "New chat")
    if len(line) <= TITLE_CHARACTERS:
        return line
    return line[:TITLE_CHARACTERS].rsplit(" ", 1)[0] + "…"
