"""The treatment of characters that must not reach the parser or the page as they are."""

from __future__ import annotations

import re

# A noncharacter that marks the place of the growing text. It must not come from a model.
MARK = "\ufdd0"

# Lone surrogates cannot be encoded at all: the sanitiser and the socket would both fail on them.
_UNUSABLE = re.compile("[\x00\ud800-\udfff\ufdd0]")


def normalise(text: str) -> str:
    """Return the text with Unix line ends, and a replacement for characters that no page can hold."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() and "\x00" not in text else _UNUSABLE.sub("\ufffd", text)


def escape(text: str) -> str:
    """Escape text for use between tags; not for attributes.

    >>> escape('<b> & "')
    '&lt;b&gt; &amp; "'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> str:
    """Return HTML that shows the text as it was written, for text that the parser cannot take."""
    return f'<p class="plain" dir="auto">{escape(text)}</p>\n'
