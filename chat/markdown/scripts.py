"""Facts about scripts and signs on which the rules for emphasis, formulas and addresses depend.

Chinese, Japanese and Korean text has no space, or a particle, where other text has a space. Rules that look
for the end of a word must not look for one there.
"""

from __future__ import annotations

import re
import unicodedata

# Signs, kana, bopomofo, Hangul, ideographs and their full-width forms, with the planes of rare ideographs.
CJK = (
    "\u1100-\u11ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uffee"
    "\U00016fe0-\U00018dff\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
_CJK = re.compile(f"[{CJK}]")

# Signs that prose has seldom and formulas have nearly always.
_SIGN = re.compile(r"[\\^_=<>{}+*|≤≥≠≈∈→∞∑∫√±×÷−]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_SPACE = re.compile(r"\s")


def is_cjk(character: str) -> bool:
    return _CJK.match(character) is not None


def is_spaced_letter(character: str) -> bool:
    """Return whether it is a digit, or a letter of a script that has capital letters.

    >>> [is_spaced_letter(one) for one in ("S", "5", "é", "是", "는", "の", "")]
    [True, True, True, False, False, False, False]
    """
    return character.isdecimal() or character.lower() != character.upper()


def is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def looks_like_formula(source: str, *, is_alone: bool) -> bool:
    """Return whether text between signs of a formula is one, and not prose between brackets or prices.

    ``is_alone`` tells that no word stands directly before it, so that a single name or number is one too.

    >>> looks_like_formula("x = 1", is_alone=False), looks_like_formula("1", is_alone=False)
    (True, False)
    >>> looks_like_formula("n", is_alone=True), looks_like_formula("5 and 6", is_alone=True)
    (True, False)
    """
    if _SIGN.search(source):
        return True
    return is_alone and (_WORD.search(source) is None or not _SPACE.search(source.strip()))
