"""The tokens of files, by rules of thumb. Pure."""

from __future__ import annotations

import math

# Providers bill pictures and files by their content, not by the length of their encoding. These rules of
# thumb are pixels per token as Anthropic counts them (others count fewer), up to the size that a large
# picture is scaled down to; 50 kB and 2,500 tokens per page of a PDF; and tokens per second of sound as
# Gemini counts them.
PIXELS_PER_TOKEN = 750
MOST_PER_IMAGE = 3000
IMAGE_AT_AN_ADDRESS = 1600
FILE_BYTES_PER_TOKEN = 20
LEAST_PER_FILE = 2500
# Five minutes.
AUDIO_AT_AN_ADDRESS = 9600
MOST_PER_FILE = 300_000
TOKENS_PER_SECOND = 32
# Roughly, of a text that is not at hand.
BYTES_PER_TOKEN = 4


def attachment_tokens(kind: str, pixels: int | None, byte_size: int, seconds: float | None) -> int:
    """Estimate the tokens of a picture, a PDF or a recording.

    >>> attachment_tokens("image", 1024 * 1024, 200_000, None)
    1399
    >>> attachment_tokens("audio", None, 160_000, 5.0)
    160
    """
    if kind == "image":
        if pixels is None:
            return IMAGE_AT_AN_ADDRESS
        return min(MOST_PER_IMAGE, math.ceil(pixels / PIXELS_PER_TOKEN))
    if kind == "audio" and seconds is not None:
        return math.ceil(seconds * TOKENS_PER_SECOND)
    if kind == "audio" and not byte_size:
        return AUDIO_AT_AN_ADDRESS
    return min(MOST_PER_FILE, max(LEAST_PER_FILE, math.ceil(byte_size / FILE_BYTES_PER_TOKEN)))
