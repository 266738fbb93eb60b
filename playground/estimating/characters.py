"""How much each kind of character counts, told by its first byte in UTF-8. Pure.

The weights are between those of the common tokenisers (o200k, cl100k, Llama 3, Qwen, Claude), none of which
is at hand. The share by which a model's own tokeniser differs is learned: see ``statistics``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CharacterKind:
    """Characters that count alike: their first bytes, the tokens of each, and their script."""

    first_bytes: bytes
    weight: int
    script: str


def _span(first: int, last: int) -> bytes:
    return bytes(range(first, last + 1))


_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PUNCTUATION = bytes(set(_span(0x21, 0x7E)) - set(_LETTERS) - set(b"0123456789"))
# The weights are hundredths of a token.
KINDS = (
    CharacterKind(_LETTERS, 25, "latin"),
    # Spaces belong to the word after them, and those of an indentation to one another.
    CharacterKind(b" \t", 4, "latin"),
    CharacterKind(_span(0x00, 0x08) + _span(0x0A, 0x1F) + b"\x7f", 30, "latin"),
    # Up to three digits are a token.
    CharacterKind(b"0123456789", 42, "symbols"),
    CharacterKind(_PUNCTUATION, 60, "symbols"),
    CharacterKind(_span(0xC2, 0xCC), 50, "latin"),
    CharacterKind(_span(0xCD, 0xD4), 38, "cyrillic"),
    CharacterKind(_span(0xD5, 0xDF), 45, "arabic"),
    CharacterKind(_span(0xE0, 0xE1), 60, "indic"),
    # Typographic punctuation, arrows, mathematical signs.
    CharacterKind(b"\xe2", 80, "symbols"),
    # Kana, Chinese characters, Hangul, and their punctuation.
    CharacterKind(b"\xe3", 65, "asian"),
    CharacterKind(_span(0xE4, 0xE9), 80, "asian"),
    CharacterKind(_span(0xEA, 0xED), 65, "asian"),
    CharacterKind(b"\xef\xee", 80, "asian"),
    # Emoji and rare characters.
    CharacterKind(_span(0xF0, 0xF4), 200, "symbols"),
)
PER_TOKEN = 100
SCRIPTS = tuple(dict.fromkeys(kind.script for kind in KINDS))
# A byte becomes the weight of its character, or 0 if it is not the first one; in the other tables also if the
# character is of another script.
_WEIGHTS = bytearray(256)
_BY_SCRIPT = {script: bytearray(256) for script in SCRIPTS}
for _kind in KINDS:
    for _byte in _kind.first_bytes:
        _WEIGHTS[_byte] = _BY_SCRIPT[_kind.script][_byte] = _kind.weight
WEIGHTS = bytes(_WEIGHTS)
WEIGHTS_OF = {script: bytes(table) for script, table in _BY_SCRIPT.items()}
