"""Names and titles: one line of visible characters, which cannot change how the text around them is shown."""

from __future__ import annotations

import re
import unicodedata

# Format characters that are visible, or that shape the letters around them: the signs that enclose
# Arabic and Syriac numbers, and the joiners of Persian, of Indic scripts and of emoji.
_JOINERS = "\u200c\u200d"
_VISIBLE = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# Characters of other categories that show nothing: fillers of Hangul, the blank pattern of Braille, a joiner
# of graphemes, and two vowels of Khmer.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
# Alphabets with letters of the same shape. Chinese, Japanese and Korean words may have Latin letters, too.
# https://www.unicode.org/reports/tr39/#Restriction_Level_Detection
_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "COPTIC", "CHEROKEE"})
_LOOSE_JOINERS = re.compile(rf"(?<![^\s{_JOINERS}])[{_JOINERS}]+|[{_JOINERS}]+(?![^\s{_JOINERS}])")


def one_line(text: str) -> str:
    """Return the text as one line, without characters that hide, turn or fake others.

    Line breaks and runs of white space become a space. Bidirectional controls, other invisible
    characters and lone surrogates are removed; a joiner stays between two visible characters.

    >>> one_line("  The \\u202etxt.exe\\u202c\\n\\tfile\\u200b ")
    'The txt.exe file'
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    spaced = " ".join(text.split())
    kept = "".join(filter(_is_visible, spaced))
    return " ".join(_LOOSE_JOINERS.sub("", kept).split())


def _is_visible(character: str) -> bool:
    if character in _JOINERS or character in _VISIBLE:
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs") and character not in _BLANK


def mixed_letters(text: str) -> dict[str, str]:
    """Return a letter of each alphabet, by its name, that the first word of letters that look alike has.

    Such a word could be taken for another that has all but one of its letters. A hyphen or a space begins
    a new word. Nothing is returned if each word has one alphabet.

    >>> mixed_letters("Al\u0456ce"), mixed_letters("Алиса Smith"), mixed_letters("IT-отдел")
    ({'Latin': 'A', 'Cyrillic': 'і'}, {}, {})
    """
    found: dict[str, str] = {}
    for character in "" if text.isascii() else text:
        if character.isalpha():
            words = unicodedata.name(character, "").split()
            if alphabet := next((word for word in words if word in _ALPHABETS), None):
                found.setdefault(alphabet.capitalize(), character)
        elif unicodedata.category(character)[0] in "PSZ":
            if len(found) > 1:
                return found
            found = {}
    return found if len(found) > 1 else {}
