"""The rendering of a stored message as a whole."""

from __future__ import annotations

import logging

from chat.markdown.code import MESSAGE_LIMIT
from chat.markdown.escape import normalise, plain
from chat.markdown.parser import blocks_to_html

logger = logging.getLogger(__name__)

# Rendering takes about 1 µs per character and 60 µs per line. Longer text is shown as it was written.
LONGEST = 600_000
MOST_LINES = 30_000


def render(text: str) -> str:
    """Return safe HTML of a whole message, in time proportional to its length. Never raise."""
    text = normalise(text)
    if len(text) > LONGEST or text.count("\n") > MOST_LINES:
        return plain(text)
    return blocks(text, {"colours": MESSAGE_LIMIT})


def blocks(source: str, env: dict[str, object]) -> str:
    """Return HTML of some blocks, or the text as it was written if the parser fails."""
    try:
        return blocks_to_html(source, env)
    except Exception:
        # A bug in the parser must not make a conversation unreadable. The text must not be in the log.
        logger.exception("Could not render %d characters of Markdown", len(source))
        return plain(source)
