"""The probabilities of a stored answer's tokens, read only when a user opens them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chat.transcript import said_in

if TYPE_CHECKING:
    from chat.models import Message

# Browsers are slow to lay out thousands of coloured words.
MOST_TOKENS = 2_000
LEAST_CERTAIN = 12
# Lower bounds of the shades, likeliest first; a token below all of them gets the last shade.
_SHADES = (0.95, 0.8, 0.5, 0.2)


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token; its ``shade`` goes from 0 (most likely) to 4 (least likely)."""

    text: str
    percent: str
    shade: int
    others: str


@dataclass(frozen=True, slots=True)
class LogprobsView:
    tokens: list[TokenView]
    least_certain: list[TokenView]
    count: int


def logprobs_of(message: Message) -> LogprobsView | None:
    found = said_in(message).get("logprobs", [])
    if not found:
        return None
    shown = found[:MOST_TOKENS]
    tokens = [_token(item) for item in shown]
    order = sorted(range(len(shown)), key=lambda place: shown[place][1])
    least = [tokens[place] for place in order[:LEAST_CERTAIN] if tokens[place].shade]
    return LogprobsView(tokens, least, len(found))


def _token(item: list[Any]) -> TokenView:
    text, logprob, *more = item
    others = [
        f"{_shown(other)} {percent(number)}" for other, number in (more[0] if more else ()) if other != text
    ]
    chance = _chance(logprob)
    shade = next((place for place, least in enumerate(_SHADES) if chance >= least), len(_SHADES))
    return TokenView(text, percent(logprob), shade, ", ".join(others))


def _chance(logprob: float) -> float:
    # Some providers round a little above zero.
    return math.exp(min(0.0, logprob))


def percent(logprob: float) -> str:
    """
    >>> percent(0), percent(-0.693), percent(-9)
    ('100 %', '50 %', '0.012 %')
    """
    chance = _chance(logprob) * 100
    return f"{chance:.0f} %" if chance >= 1 else f"{chance:.2g} %"


def _shown(token: str) -> str:
    """Quote a token, so that a space is visible."""
    return f"“{token}”"
