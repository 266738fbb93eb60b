"""Texts as they are compared: by a search, which ignores accents as well, and as names."""

from __future__ import annotations

import re
import unicodedata

# Marks of Latin, Greek and Cyrillic letters, vowel points of Arabic, Hebrew and Syriac, and selectors of
# variants. Marks of other scripts are letters: vowels of Indic scripts and Thai, the sounds of kana.
_MARKS = (
    "\u0300-\u0305\u0307-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0730-\u074a\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20f0\ufe00-\ufe0f\ufe20-\ufe2f"
)
# Invisible characters, and the stroke that stretches Arabic words.
_INVISIBLE = "\x00\u00ad\u034f\u061c\u0640\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
# The breve makes another letter of the Cyrillic i.
_DROPPED = re.compile(f"[{_MARKS}{_INVISIBLE}]|(?<!и)\u0306")
_SPACE = re.compile(r"\s+")
# Letters with a stroke and ligatures, which Unicode does not decompose.
_PLAIN = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "ħ": "h",
        "ŧ": "t",
        "ı": "i",
        "ƶ": "z",
        "ɨ": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ĸ": "k",
        "ŋ": "n",
    }
)


def fold(text: str) -> str:
    """Return the text as a search compares it.

    >>> fold("Éclair  ПЕРЕВОД"), fold("Straße") == fold("STRASSE"), fold("ﾊﾟﾘ") == fold("パリ")
    ('eclair перевод', True, True)
    """
    if text.isascii():
        return _SPACE.sub(" ", text.replace("\0", "").lower())
    parts = unicodedata.normalize("NFKD", text).casefold()
    parts = unicodedata.normalize("NFKD", parts).translate(_PLAIN)
    # Composing again restores Hangul syllables and the sounds of kana.
    return _SPACE.sub(" ", unicodedata.normalize("NFC", _DROPPED.sub("", parts)))


def same_name(name: str) -> str:
    """Return the name in the form in which equal names are equal: whatever their case, width and composition.

    Accents count, unlike in a search: they distinguish words of many languages.

    >>> same_name("Équipe １") == same_name("E\u0301QUIPE 1"), same_name("Ban") == same_name("Bán")
    (True, False)
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    # Folding may decompose a letter, and compatible forms may have brought spaces.
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", folded)).strip()
