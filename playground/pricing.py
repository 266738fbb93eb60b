"""The estimated cost of a request and the actual cost of a run. Pure; amounts are in credits."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from accounts.money import CREDITS_PER_USD as CREDITS_PER_USD
from accounts.prices import Prices
from playground.estimating.counting import count
from playground.estimating.statistics import UNKNOWN, Statistics
from playground.parameters.schema.output_length import MOST_TOKENS, asked_output

MILLION = 1_000_000
# Models without a known price count at 2 USD and 8 USD per million tokens, above most of the market, so
# that limits in credits hold for them too.
DEFAULT_INPUT_PRICE = Decimal(2 * CREDITS_PER_USD)
DEFAULT_OUTPUT_PRICE = Decimal(8 * CREDITS_PER_USD)
# The most tokens or credits of a run. No limit allows more, and a thousand such runs still add up within
# the ledger's 64 bits. A schema without bounds permits any number of copies of any length, and an upstream
# may report any number.
MOST = MOST_TOKENS
# The longest answers are longer than those that were seen so far.
LENGTH_MARGIN = 1.5
# A model that only gave short answers may be asked for a longer one.
LEAST_LENGTH = 1024
# The share of the past answers that an answer's first hold covers, and the share that its bound covers. An
# answer that can be stopped extends its hold, so the first one need not cover the longest.
FIRST_SHARE, BOUND_SHARE = 0.4, 0.99
# The tokens of files are rules of thumb.
FILE_MARGIN = 1.15


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
    # The length that many of the answers exceed, which is held at first.
    first_tokens: int = 0
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
    messages: list[dict[str, Any]],
    parameters: dict[str, Any],
    model: Priced,
    attached: int = 0,
    learned: Statistics = UNKNOWN,
    filled: Collection[str] = (),
) -> Estimate:
    """Estimate what a request may cost, an upper bound in practice.

    :param attached: the number of tokens of its files.
    :param learned: what is known of the model's past answers.
    :param filled: names of the parameters that the user did not set.
    """
    counted = count([messages, {name: value for name, value in parameters.items() if value}])
    rate = learned.rate(counted.script)
    input_tokens = math.ceil(counted.tokens * rate.mean * rate.margin + attached * FILE_MARGIN)
    asked = asked_output(parameters)
    asked_by_user = asked_output({name: each for name, each in parameters.items() if name not in filled})
    bound = usual_bound(model, learned)
    written = min(each.most(bound, model.output_max) for each in (asked, asked_by_user))
    first = learned.length(FIRST_SHARE, reasons=_reasons(model)) * asked.copies
    price = cost(input_tokens, written, model.input_price, model.output_price)
    has_end = asked.length is not None or bool(model.output_max)
    return Estimate(
        price,
        min(MOST, input_tokens + written),
        input_tokens,
        min(MOST, written),
        first_tokens=min(MOST, first, written),
        longest=asked.most(model.output_max or 0, model.output_max) if has_end else None,
        is_asked=asked_by_user.length is not None,
        copies=asked.copies,
        counted=counted.tokens,
        script=counted.script,
        rate=rate.mean,
    )


def usual_bound(model: Priced, learned: Statistics = UNKNOWN) -> int:
    """Return a length in tokens that hardly any answer of a model exceeds."""
    return max(LEAST_LENGTH, math.ceil(learned.length(BOUND_SHARE, reasons=_reasons(model)) * LENGTH_MARGIN))


def _reasons(model: Priced) -> bool:
    return "reasoning" in model.capabilities


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


def cost_at(
    prices: Prices,
    input_tokens: int,
    output_tokens: int,
    *,
    cache_read_tokens: int = 0,
    cache_write_tokens: int = 0,
    reasoning_tokens: int = 0,
) -> int:
    """Compute the cost in credits of tokens of several kinds, rounded up and at most ``MOST``.

    The last three count tokens among the first two that have prices of their own where those are known.

    >>> prices = Prices(Decimal(200_000), Decimal(800_000), cache_read=Decimal(20_000))
    >>> cost_at(prices, 1_000, 500), cost_at(prices, 1_000, 500, cache_read_tokens=900)
    (600, 438)
    """
    parts = [
        (cache_read_tokens, prices.cache_read, prices.input),
        (cache_write_tokens, prices.cache_write, prices.input),
        (reasoning_tokens, prices.reasoning, prices.output),
    ]
    total = input_tokens * prices.input + output_tokens * prices.output
    total += sum((count * (own - usual) for count, own, usual in parts if own is not None), Decimal(0))
    return min(MOST, math.ceil(total / MILLION))


def most_for_output(prices: Prices) -> Decimal:
    """Return the price of the dearest token that a model may write: reasoning can have a price of its own."""
    return max(prices.output, prices.reasoning or Decimal(0))


def count_tokens(content: Any) -> int:
    """Estimate the tokens of a text or JSON value; see ``estimating.attachments`` for files in it.

    >>> count_tokens("Hello, how are you today?")
    7
    """
    return math.ceil(count(content).tokens)
