"""Our own count of tokens: each character counts by its kind, see ``characters``. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from zlib import adler32

from playground.estimating.characters import PER_TOKEN, SCRIPTS, WEIGHTS, WEIGHTS_OF

# Tokens that a chat template wraps around each message.
PER_MESSAGE = 5
# The most tokens of one byte, in text of any kind.
MOST_PER_BYTE = 0.6
# Quotes and the colon of a property in JSON.
PER_KEY = 1.0

# Kinds of attachments, whose tokens are estimated from the files.
ATTACHMENTS = frozenset(
    {
        *("image_url", "input_image", "image"),
        *("file", "input_file", "document"),
        *("input_audio", "audio", "video_url"),
    }
)
_TEXTS = frozenset({"text", "input_text", "output_text"})


# The script is read from the beginning of a text.
_SAMPLE = 8_192
# The sums of so many weights stay below 65,521, where Adler-32 starts at 0 again.
_PIECE, _PIECE_OF_ASCII = 256, 1_024


@dataclass(frozen=True, slots=True)
class Count:
    """The tokens of a text, and the script that most of them are of: one of ``SCRIPTS``."""

    tokens: float
    script: str


def tokens_of(text: str) -> float:
    """Count the tokens of a text. The count of two texts in a row is the sum of their counts.

    >>> tokens_of("word " * 8), tokens_of("日本語" * 10), tokens_of("")
    (8.32, 24.0, 0.0)
    """
    return _sum(text.encode("utf-8", "replace"), WEIGHTS) / PER_TOKEN


def count(content: Any) -> Count:
    """Count the tokens of a text or a JSON value, such as messages; files in it count nothing.

    >>> count([{"role": "user", "content": "Hello"}])
    Count(tokens=6.25, script='latin')
    """
    found = _Found()
    found.add(content)
    text = "".join(found.texts)
    return Count(round(tokens_of(text) + found.around, 2), script_of(text))


def beginning(text: str, tokens: float) -> str:
    """Return the longest beginning of a text that counts at most so many tokens.

    >>> beginning("word word word", 2.5)
    'word word w'
    """
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if tokens_of(text[:middle]) <= tokens else (low, middle - 1)
    return text[:low]


def script_of(text: str) -> str:
    """Return the script of a text. Texts of every script have some words in Latin letters and some numbers.

    >>> script_of("Hello"), script_of("Привет, world"), script_of('{"a": [1, 2]}'), script_of("")
    ('latin', 'cyrillic', 'symbols', 'latin')
    """
    sample = text[:_SAMPLE].encode("utf-8", "replace")
    scripts = ("latin", "symbols") if sample.isascii() else SCRIPTS
    found = {script: _sum(sample, WEIGHTS_OF[script]) for script in scripts}
    total = sum(found.values())
    latin, symbols = found.pop("latin"), found.pop("symbols")
    if found and latin + symbols < 0.7 * total:
        return max(found, key=lambda script: found[script])
    return "symbols" if symbols > 0.35 * total else "latin"


def _sum(text: bytes, table: bytes) -> int:
    """Add up the weights of bytes. The lower half of Adler-32 is a sum and 1, and faster than a loop."""
    weights = text.translate(table)
    step = _PIECE_OF_ASCII if text.isascii() else _PIECE
    pieces = (weights[start : start + step] for start in range(0, len(weights), step))
    return sum((adler32(piece) & 0xFFFF) - 1 for piece in pieces)


class _Found:
    """The texts of a JSON value, and the tokens that stand around them."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.around = 0.0

    def add(self, content: Any) -> None:
        if isinstance(content, str):
            self.texts.append(content)
        elif isinstance(content, dict):
            self._add_object(content)
        elif isinstance(content, list):
            for item in content:
                self.add(item)
        elif content is not None:
            self.texts.append(json.dumps(content))

    def _add_object(self, content: dict[str, Any]) -> None:
        kind = content.get("type")
        if kind in ATTACHMENTS:
            return
        if kind in _TEXTS and isinstance(content.get("text"), str):
            self.texts.append(content["text"])
            return
        is_message = "role" in content
        if is_message:
            self.around += PER_MESSAGE
        for name, value in content.items():
            if is_message and name in ("role", "content"):
                self.add(value if name == "content" else None)
                continue
            self.around += PER_KEY
            self.texts.append(str(name))
            self.add(value)
