"""The prices at which a workspace's requests to a model are charged.

An admin's price for a model counts first, then the catalogue's. Models of the demo are free, and so are those
without a price of a server on the own network that needs no key. What holds for other models without a price
is the workspace's decision: ``Workspace.unpriced`` is None for the cautious default price, or one of::

    {"rule": "price", "input": "4000000", "output": "16000000"}    credits for a million tokens
    {"rule": "count"}                                              only tokens and requests are counted
    {"rule": "refuse"}                                             no prompt is sent to them
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from accounts.prices import Origin, Prices
from playground.models import Provider
from playground.pricing import DEFAULT_INPUT_PRICE, DEFAULT_OUTPUT_PRICE
from playground.upstream.base_urls import is_on_own_network

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.models import UpstreamModel

# Tests use the demo as a provider with prices.
FREE_KINDS = frozenset({Provider.Type.DEMO})


def put_price_upon(model: UpstreamModel, unpriced: Mapping[str, Any] | None) -> None:
    """Give a model, as the workspace decided it is otherwise, the price that the rules above give it.

    By default the instance keeps no price: pages say that none is known.
    """
    if model.has_own_price:
        return
    if is_free(model):
        origin = Origin.DEMO if model.provider.kind == Provider.Type.DEMO else Origin.OWN_SERVER
        _put(model, Decimal(0), Decimal(0), origin)
    elif model.input_price is not None and model.output_price is not None:
        return
    elif unpriced and unpriced["rule"] == "count":
        _put(model, Decimal(0), Decimal(0), Origin.UNCOUNTED)
    elif unpriced and unpriced["rule"] == "price":
        _put(model, Decimal(unpriced["input"]), Decimal(unpriced["output"]), Origin.RULE)
    elif unpriced and unpriced["rule"] == "refuse":
        model.lacks_price = True


def is_free(model: UpstreamModel) -> bool:
    """Return whether a model costs nothing, unless an admin of the workspace gave it a price."""
    provider = model.provider
    has_price = model.input_price is not None and model.output_price is not None
    is_own = not (has_price or provider.needs_key) and is_on_own_network(provider.base_url)
    return provider.kind in FREE_KINDS or is_own


def _put(model: UpstreamModel, input_price: Decimal, output_price: Decimal, origin: Origin) -> None:
    model.is_as_decided = True
    model.input_price, model.output_price = input_price, output_price
    model.cache_read_price = model.cache_write_price = model.reasoning_price = None
    model.list_price_of, model.list_price_on = "", None
    model.price_origin = origin


def prices_of(model: UpstreamModel) -> Prices:
    """Return the prices of a model as the workspace decided it is: see ``playground.access.as_decided``."""
    return Prices(
        DEFAULT_INPUT_PRICE if model.input_price is None else model.input_price,
        DEFAULT_OUTPUT_PRICE if model.output_price is None else model.output_price,
        cache_read=model.cache_read_price,
        cache_write=model.cache_write_price,
        reasoning=model.reasoning_price,
        origin=_origin(model),
        listed_on=model.list_price_on,
    )


def _origin(model: UpstreamModel) -> str:
    if model.price_origin:
        return model.price_origin
    if model.input_price is None or model.output_price is None:
        return Origin.DEFAULT
    if model.list_price_on is not None:
        return Origin.LIST
    # The prices of a workspace's own provider are typed, or come from that provider's list.
    is_typed = model.provider.workspace_id is not None and not model.has_listed_price
    return Origin.ADMIN if model.has_own_price or is_typed else Origin.PROVIDER
