"""Ways to send a prompt that a limit has refused: a shorter answer, or a cheaper model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts import keys, ledger
from chat.pages.recent_models import recent_models
from playground import pricing
from playground.access import as_decided, endpoint_of, listed_models_for
from playground.estimating.sizing import LEAST_OUTPUT
from playground.models import Provider
from playground.prices import prices_of

if TYPE_CHECKING:
    from decimal import Decimal

    from accounts.exceptions import LimitReached, Wanted
    from accounts.models import Membership
    from playground.models import Endpoint, UpstreamModel

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


def offers_for(membership: Membership, endpoint: Endpoint | None, limit: LimitReached) -> Offers:
    """Return what fits now instead of a prompt that ``limit`` has refused."""
    wanted = limit.wanted
    if wanted is None or endpoint is None:
        return Offers()
    return Offers(wanted.parameter, wanted.fitting, _cheaper(membership, endpoint, wanted))


def _cheaper(membership: Membership, endpoint: Endpoint, wanted: Wanted) -> tuple[Cheaper, ...]:
    """Return the models for which there is room: those that were used last, then those nearest in price."""
    prices = prices_of(endpoint.model)
    most = _price(prices.input, prices.output)
    models = as_decided(listed_models_for(membership).exclude(pk=endpoint.model_id))
    recent = {pk: place for place, pk in enumerate(recent_models(membership))}
    room_for = ledger.rooms_for(membership.workspace, membership.user)
    usable = keys.usable_keys(membership.workspace, membership.user)
    found: list[Cheaper] = []
    for model in sorted(models, key=lambda model: (recent.get(model.pk, len(recent)), -_price_of(model))):
        if _price_of(model) >= most or not _is_like(model, endpoint.model):
            continue
        key = next(iter(usable.fitting(model.provider.code, model.model_id)), None)
        if key is None and model.provider.needs_key:
            continue
        room = room_for(ledger.Target(model.provider.code, model.model_id, key))
        if _fits(model, room, wanted) and (other := endpoint_of(model, endpoint.kind)):
            found.append(Cheaper(other.pk, model.name))
            if len(found) == MOST_MODELS:
                break
    return tuple(found)


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
