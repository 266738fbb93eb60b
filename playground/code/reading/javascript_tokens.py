"""The tokens of JavaScript, as far as literals and calls need them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playground.code.reading.paste import PasteRefused

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<template>`(?:[^`\\]|\\.)*`)
      | (?P<number>(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+
          |(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)n?)
      | (?P<name>[^\W\d][\w$]*|\$[\w$]*)
      | (?P<mark>\.\.\.|=>|\?\.|\?\?|===|!==|==|!=|&&|\|\||.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:u\{(?P<point>[0-9A-Fa-f]{1,6})\}|u(?P<unit>[0-9A-Fa-f]{4})|x(?P<byte>[0-9A-Fa-f]{2})"
    r"|(?P<line>\r\n|[\n\r\u2028\u2029])|(?P<one>.))",
    re.DOTALL,
)
_ONE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_MOST_TOKENS = 600_000


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    position: int


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a program, without comments.

    :raises PasteRefused: there are too many of them.
    """
    found = list[Token]()
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind == "skip":
            continue
        found.append(Token(kind, match[0], match.start()))
        if len(found) > _MOST_TOKENS:
            raise PasteRefused("This program has too many values to be read. Paste the JSON body instead.")
    return found


def unescaped(inside: str) -> str:
    """Return the text that the inside of a string or of a template stands for.

    >>> unescaped(r"it\\'s \\u{1F642} \\u00e9")
    "it's 🙂 é"
    """
    if "\\" not in inside:
        return inside
    text = _ESCAPE.sub(_character, inside)
    # Two escapes may make one character.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _character(found: re.Match[str]) -> str:
    if found["line"]:
        return ""
    if digits := found["point"] or found["unit"] or found["byte"]:
        number = int(digits, 16)
        return chr(number) if number < 0x110000 else ""
    return _ONE.get(found["one"], found["one"])


def number_of(text: str) -> int | float:
    """Return the value of a number as it is written, with all its digits.

    :raises ValueError: it has too many digits.
    """
    plain = text.replace("_", "").rstrip("n")
    if plain[:2].lower() in ("0x", "0b", "0o"):
        return int(plain, 0)
    return int(plain) if plain.isdigit() else float(plain)
