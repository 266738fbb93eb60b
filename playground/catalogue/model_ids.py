"""The ids by which servers know their models: any text of one line, in any script."""

from __future__ import annotations

import unicodedata
from typing import TypeGuard

LONGEST_ID = 200
# Control characters, halves of surrogate pairs, and separators of lines and paragraphs.
_REFUSED = frozenset({"Cc", "Cs", "Zl", "Zp"})
# Format characters are invisible, and some change the direction of the text after them. Persian, Indic
# scripts and emoji need these two.
_JOINERS = "\u200c\u200d"


def is_model_id(value: object) -> TypeGuard[str]:
    r"""Tell whether the value can be a model's id.

    >>> [is_model_id(value) for value in ("通义千问", "My Model", "café", "a\nb", "a\u202eb", " a", "")]
    [True, True, True, False, False, False, False]
    """
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID or value != value.strip():
        return False
    if value.isascii() and value.isprintable():
        return True
    kinds = {letter: unicodedata.category(letter) for letter in set(value)}
    is_hidden = any(kind == "Cf" and letter not in _JOINERS for letter, kind in kinds.items())
    return (
        not is_hidden
        and _REFUSED.isdisjoint(kinds.values())
        and any(kind[0] not in "CZM" for kind in kinds.values())
    )


def shown(value: object, longest: int = 60) -> str:
    r"""Return the beginning of a refused id, with escapes for invisible characters; empty if it is no text.

    >>> shown("a\u202eb")
    'a\\u202eb'
    """
    text = value[:longest] if isinstance(value, str) else ""
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
