"""The estimated cost of a request and the actual cost of a run. Pure; amounts are in credits."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from accounts.money import CREDITS_PER_USD as CREDITS_PER_USD
from accounts.prices import Prices
from playground.parameters.schema.output_length import MOST_TOKENS, output_tokens

MILLION = 1_000_000
# Models without a known price count at 2 USD and 8 USD per million tokens, above most of the market, so
# that limits in credits hold for them too.
DEFAULT_INPUT_PRICE = Decimal(2 * CREDITS_PER_USD)
DEFAULT_OUTPUT_PRICE = Decimal(8 * CREDITS_PER_USD)
# The assumed length of an answer without a bound. Settling corrects it.
DEFAULT_OUTPUT_TOKENS = 4096
# Tokens that a chat template wraps around each message.
PER_MESSAGE = 8
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
BYTES_PER_TOKEN = 4
# The most tokens or credits of a run. No limit allows more, and a thousand such runs still add up within
# the ledger's 64 bits. A schema without bounds permits any number of copies of any length, and an upstream
# may report any number.
MOST = MOST_TOKENS
# Tokenisers differ by about this much from the rule of thumb.
MARGIN = Decimal("1.15")

_ATTACHMENTS = frozenset(
    {
        *("image_url", "input_image", "image"),
        *("file", "input_file", "document"),
        *("input_audio", "audio", "video_url"),
    }
)


class Priced(Protocol):
    """The figures of a model: prices are in credits per million tokens."""

    @property
    def output_max(self) -> int | None: ...
    @property
    def input_price(self) -> Decimal | None: ...
    @property
    def output_price(self) -> Decimal | None: ...
    @property
    def capabilities(self) -> Collection[str]: ...


@dataclass(frozen=True, slots=True)
class Estimate:
    """The most that a request may cost. ``tokens`` are those that it sends and those that it may get."""

    credits: int
    tokens: int
    input_tokens: int = 0
    output_tokens: int = 0
    # The most that the model can write, where that is known.
    longest: int | None = None
    # True if the parameters set the length.
    is_asked: bool = False
    copies: int = 1
    # Our count of the texts, without a margin, their script, and the model's tokens for each one of ours.
    counted: float = 0.0
    script: str = ""
    rate: float = 1.0


def estimate(
    messages: list[dict[str, Any]], parameters: dict[str, Any], model: Priced, attached: int = 0
) -> Estimate:
    """Estimate what to hold while a request runs, an upper bound in practice.

    ``attached`` is the number of tokens of its files.
    """
    sent = count_tokens(messages) + count_tokens({key: value for key, value in parameters.items() if value})
    input_tokens = math.ceil((sent + attached) * MARGIN)
    written = output_tokens(parameters, usual=DEFAULT_OUTPUT_TOKENS, output_max=model.output_max)
    price = cost(input_tokens, written, model.input_price, model.output_price)
    return Estimate(price, min(MOST, input_tokens + written), input_tokens, min(MOST, written))


def cost(
    input_tokens: int, output_tokens: int, input_price: Decimal | None, output_price: Decimal | None
) -> int:
    """Compute the cost in credits, rounded up and at most ``MOST``. The default prices are for unknown ones.

    >>> cost(1_000, 500, Decimal(200_000), Decimal(800_000)), cost(10, 9, None, None)
    (600, 184)
    """
    input_price = DEFAULT_INPUT_PRICE if input_price is None else input_price
    output_price = DEFAULT_OUTPUT_PRICE if output_price is None else output_price
    return min(MOST, math.ceil((input_tokens * input_price + output_tokens * output_price) / MILLION))


def most_for_output(prices: Prices) -> Decimal:
    """Return the price of the dearest token that a model may write: reasoning can have a price of its own."""
    return max(prices.output, prices.reasoning or Decimal(0))


def count_tokens(content: Any) -> int:
    """Estimate the tokens of a text or JSON value; see ``attachment_tokens`` for files in it.

    >>> count_tokens("x" * 40)
    10
    """
    if isinstance(content, str):
        # Bytes are counted: a Chinese character is about one token, a Latin letter a quarter.
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
