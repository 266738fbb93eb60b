"""How sure the model was of each token, read from a stored answer only when somebody asks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chat.transcript import said_in

if TYPE_CHECKING:
    from chat.models import Message

# A page of thousands of coloured words is slow to lay out, and nobody reads them.
MOST_TOKENS = 2_000
LEAST_CERTAIN = 12
# Lower ends of the shades, likeliest first; what is below all of them is the last.
_SHADES = (0.95, 0.8, 0.5, 0.2)


@dataclass(frozen=True, slots=True)
class TokenView:
    """``shade`` counts from 0, as good as certain, to 4."""

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
    # Some round a little above zero.
    return math.exp(min(0.0, logprob))


def percent(logprob: float) -> str:
    """
    >>> percent(0), percent(-0.693), percent(-9)
    ('100 %', '50 %', '0.012 %')
    """
    chance = _chance(logprob) * 100
    return f"{chance:.0f} %" if chance >= 1 else f"{chance:.2g} %"


def _shown(token: str) -> str:
    """Quoted, so that a space can be told from nothing."""
    return f"“{token}”"
