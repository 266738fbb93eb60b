"""Icons of workspaces: one emoji, or one or two letters."""

from __future__ import annotations

import unicodedata

_JOINER, _EMOJI_FORM = "\u200d", "\ufe0f"
_KEYCAP = "\u20e3"
_SKIN = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
# Letters of the tags in the flags of England, Scotland and Wales, and their end.
_TAGS = range(0xE0020, 0xE0080)


def is_icon(text: str) -> bool:
    """Tell whether a text is one or two letters or digits, or a single emoji.

    >>> [is_icon(each) for each in ("A", "R2", "日本", "🚀", "👩🏽‍🔬", "🇳🇴", "1️⃣", "❤️")]
    [True, True, True, True, True, True, True, True]
    >>> [is_icon(each) for each in ("", "ABC", "🚀🚀", "<b", "🇳", "a\u202e", "\u200d", "🇳🇴🇸🇪")]
    [False, False, False, False, False, False, False, False]
    """
    if 1 <= len(text) <= 2 and all(unicodedata.category(each)[0] in "LN" for each in text):
        return True
    return _is_flag(text) or _is_keycap(text) or all(map(_is_picture, text.split(_JOINER)))


def _is_flag(text: str) -> bool:
    return len(text) == 2 and all(ord(each) in _FLAG_LETTERS for each in text)


def _is_keycap(text: str) -> bool:
    return text[:1] in set("0123456789#*") and text[1:] in (_KEYCAP, _EMOJI_FORM + _KEYCAP)


def _is_picture(part: str) -> bool:
    """Tell whether a text is one picture with what may follow it: its form, a skin or the tags of a flag."""
    picture, rest = part[:1], part[1:]
    if not picture or unicodedata.category(picture) != "So" or ord(picture) in _FLAG_LETTERS:
        return False
    return all(each == _EMOJI_FORM or ord(each) in _SKIN or ord(each) in _TAGS for each in rest)
