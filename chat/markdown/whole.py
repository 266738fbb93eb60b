"""A stored message to HTML, all at once."""

from __future__ import annotations

import logging

from chat.markdown.code import MESSAGE_LIMIT
from chat.markdown.escape import normalise, plain
from chat.markdown.parser import blocks_to_html

logger = logging.getLogger(__name__)

# About a microsecond a character, and sixty a line: more is shown as it was written.
LONGEST = 600_000
MOST_LINES = 30_000


def render(text: str) -> str:
    """Safe HTML of a whole message; never fails, and takes time in proportion to its length."""
    text = normalise(text)
    if len(text) > LONGEST or text.count("\n") > MOST_LINES:
        return plain(text)
    return blocks(text, {"colours": MESSAGE_LIMIT})


def blocks(source: str, env: dict[str, object]) -> str:
    """HTML of some blocks, as they were written if the parser cannot take them."""
    try:
        return blocks_to_html(source, env)
    except Exception:
        # A bug in the parser must not make a conversation unreadable. Its text is not for the log.
        logger.exception("Could not render %d characters of Markdown", len(source))
        return plain(source)
