"""Characters that must not reach the parser or the page as they are."""

from __future__ import annotations

import re

# A noncharacter that we put where the growing text goes, so it must not come from a model.
MARK = "\ufdd0"

# Lone surrogates cannot be encoded at all: the sanitiser and the socket would both fail on them.
_UNUSABLE = re.compile("[\x00\ud800-\udfff\ufdd0]")


def normalise(text: str) -> str:
    """Unix line ends, and a replacement character for what no page can hold."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() and "\x00" not in text else _UNUSABLE.sub("\ufffd", text)


def escape(text: str) -> str:
    """Text to HTML for use between tags; not for attributes.

    >>> escape('<b> & "')
    '&lt;b&gt; &amp; "'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> str:
    """The fallback for text that is too much for the parser: shown as it was written."""
    return f'<p class="plain" dir="auto">{escape(text)}</p>\n'
