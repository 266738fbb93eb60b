"""Ways to send a prompt that a limit has refused: a shorter answer, or a cheaper model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts import ledger
from playground import pricing
from playground.estimating.sizing import LEAST_OUTPUT
from playground.models import Provider
from playground.prices import prices_of

if TYPE_CHECKING:
    from decimal import Decimal

    from accounts.exceptions import Wanted
    from playground.models import UpstreamModel


# More buttons than this are a list to read, not a way out.
MOST_MODELS = 2


@dataclass(frozen=True, slots=True)
class Cheaper:
    """Another model that the limits leave enough for."""

    endpoint: int
    name: str


@dataclass(frozen=True, slots=True)
class Offers:
    """``length`` is the longest answer that fits, in the parameter of that name; 0 if none does."""

    parameter: str = ""
    length: int = 0
    models: tuple[Cheaper, ...] = ()


def _is_like(model: UpstreamModel, other: UpstreamModel) -> bool:
    """Return whether a model may stand in for another one: the demo's answers are scripted."""
    demo = Provider.Type.DEMO
    return not model.lacks_price and (model.provider.kind != demo or other.provider.kind == demo)


def _fits(model: UpstreamModel, room: ledger.Room, wanted: Wanted) -> bool:
    prices = prices_of(model)
    read = ledger.Amounts(
        credits=pricing.cost(wanted.input_tokens, 0, prices.input, prices.output),
        tokens=wanted.input_tokens,
        input_tokens=wanted.input_tokens,
    )
    left = room.tokens(read, pricing.most_for_output(prices) / pricing.MILLION)
    return left is None or left >= max(LEAST_OUTPUT, wanted.output_tokens)


def _price_of(model: UpstreamModel) -> Decimal:
    prices = prices_of(model)
    return _price(prices.input, prices.output)


def _price(read: Decimal, written: Decimal) -> Decimal:
    # Prompts have about three times the tokens of their answers.
    return 3 * read + written
