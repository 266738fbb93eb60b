"""What a request may cost before it is sent, and what it did cost. Pure; amounts in credits."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from accounts.money import CREDITS_PER_USD as CREDITS_PER_USD
from playground.parameters.schema.output_length import OUTPUT_LENGTHS

MILLION = 1_000_000
# For models whose price nobody told us: 2 USD and 8 USD for a million tokens, above most of the
# market, so that a limit in credits holds for them too.
DEFAULT_INPUT_PRICE = Decimal(2 * CREDITS_PER_USD)
DEFAULT_OUTPUT_PRICE = Decimal(8 * CREDITS_PER_USD)
# What an answer may come to when nothing bounds it. Settling corrects it either way.
DEFAULT_OUTPUT_TOKENS = 4096
# Tokens that a chat template wraps around each message.
PER_MESSAGE = 8
# A picture or a file is billed by what is in it, not by the length of its encoding. Rules of thumb:
# pixels for a token, as Anthropic counts them (others count fewer), up to what a large picture is scaled
# down to; a page of a PDF as 50 kB and 2,500 tokens; a second of sound as Gemini counts it.
PIXELS_PER_TOKEN = 750
MOST_PER_IMAGE = 3000
IMAGE_AT_AN_ADDRESS = 1600
FILE_BYTES_PER_TOKEN = 20
LEAST_PER_FILE = 2500
MOST_PER_FILE = 300_000
TOKENS_PER_SECOND = 32
BYTES_PER_TOKEN = 4
# No run is taken to come to more, be it tokens or credits: no limit can allow it, and a thousand such still
# add up in the 64 bits of the books. A schema without bounds lets through any number of copies of any length,
# and an upstream may report what it likes.
MOST = 10**15
# Tokenisers differ by about this much from the rule of thumb.
MARGIN = Decimal("1.15")

_COPIES = ("n", "best_of")
_ATTACHMENTS = frozenset(
    {
        *("image_url", "input_image", "image"),
        *("file", "input_file", "document"),
        *("input_audio", "audio", "video_url"),
    }
)


class Priced(Protocol):
    """A model's figures, from wherever: prices in credits for a million tokens."""

    @property
    def output_max(self) -> int | None: ...
    @property
    def input_price(self) -> Decimal | None: ...
    @property
    def output_price(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class Estimate:
    credits: int
    tokens: int


def estimate(
    messages: list[dict[str, Any]], parameters: dict[str, Any], model: Priced, attached: int = 0
) -> Estimate:
    """An upper bound in practice: what to hold while the request runs. ``attached``: tokens of its files."""
    sent = count_tokens(messages) + count_tokens({key: value for key, value in parameters.items() if value})
    input_tokens = math.ceil((sent + attached) * MARGIN)
    output_tokens = _output_tokens(parameters, model.output_max) * _copies(parameters)
    input_price = DEFAULT_INPUT_PRICE if model.input_price is None else model.input_price
    output_price = DEFAULT_OUTPUT_PRICE if model.output_price is None else model.output_price
    price = cost(input_tokens, output_tokens, input_price, output_price)
    return Estimate(credits=price or 0, tokens=min(MOST, input_tokens + output_tokens))


def cost(
    input_tokens: int, output_tokens: int, input_price: Decimal | None, output_price: Decimal | None
) -> int | None:
    """Credits for that many tokens, rounded up, at most ``MOST``; None where a price is not known.

    >>> cost(1_000, 500, Decimal(200_000), Decimal(800_000))
    600
    """
    if input_price is None or output_price is None:
        return None
    return min(MOST, math.ceil((input_tokens * input_price + output_tokens * output_price) / MILLION))


def count_tokens(content: Any) -> int:
    """Roughly how many tokens text, or a JSON value, comes to; see ``attachment_tokens`` for its files.

    >>> count_tokens("x" * 40)
    10
    """
    if isinstance(content, str):
        # Bytes, not characters: a Chinese character is about a token, a Latin letter a quarter.
        return math.ceil(len(content.encode("utf-8", "replace")) / BYTES_PER_TOKEN)
    if isinstance(content, dict):
        if content.get("type") in _ATTACHMENTS:
            return 0
        around = PER_MESSAGE if "role" in content else 0
        return around + sum(count_tokens(key) + count_tokens(value) for key, value in content.items())
    if isinstance(content, list):
        return sum(count_tokens(item) for item in content)
    return 0 if content is None else count_tokens(json.dumps(content))


def attachment_tokens(kind: str, pixels: int | None, byte_size: int, seconds: float | None) -> int:
    """Roughly how many tokens a picture, a PDF or a recording comes to.

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
    return min(MOST_PER_FILE, max(LEAST_PER_FILE, math.ceil(byte_size / FILE_BYTES_PER_TOKEN)))


def _output_tokens(parameters: dict[str, Any], output_max: int | None) -> int:
    asked = [math.ceil(parameters[name]) for name in OUTPUT_LENGTHS if _is_positive(parameters.get(name))]
    if asked:
        longest: int = max(asked)
        return longest if output_max is None else min(longest, output_max)
    return DEFAULT_OUTPUT_TOKENS if output_max is None else min(DEFAULT_OUTPUT_TOKENS, output_max)


def _copies(parameters: dict[str, Any]) -> int:
    asked = [math.ceil(parameters[name]) for name in _COPIES if _is_positive(parameters.get(name))]
    return max(asked, default=1)


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < MILLION * MILLION
