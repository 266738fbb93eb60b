"""The prices that one entry of a provider's model list states, in credits for a million tokens.

Three formats are known: the units of AI/ML API, and in USD per token the ``pricing`` of OpenRouter and the
costs of LiteLLM.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from playground.pricing import CREDITS_PER_USD, MILLION

# The highest price that the column holds, above that of any model.
_DEAREST = Decimal(10) ** 11
_CENT = Decimal("0.0001")
# USD per token. The dearest models cost a third of it, so a higher figure is one for a million tokens.
_DEAREST_TOKEN = Decimal("0.002")
# The columns, with the measures of AI/ML API's units and the names of OpenRouter and of LiteLLM.
_MEASURES = {
    "input_price": frozenset({"input", "prompt"}),
    "output_price": frozenset({"output", "completion"}),
    "cache_read_price": frozenset({"cache_read", "cached_input", "input_cache_read"}),
    "cache_write_price": frozenset({"cache_write", "cache_creation", "input_cache_write"}),
    "reasoning_price": frozenset({"reasoning", "internal_reasoning"}),
}
_OPENROUTER = {
    "input_price": "prompt",
    "output_price": "completion",
    "cache_read_price": "input_cache_read",
    "cache_write_price": "input_cache_write",
    "reasoning_price": "internal_reasoning",
}
_LITELLM = {
    "input_price": "input_cost_per_token",
    "output_price": "output_cost_per_token",
    "cache_read_price": "cache_read_input_token_cost",
    "cache_write_price": "cache_creation_input_token_cost",
    "reasoning_price": "output_cost_per_reasoning_token",
}


def listed_prices(entry: dict[str, Any]) -> dict[str, Decimal | None]:
    """Return the prices that the entry states in any of the formats; empty if it states none.

    Unknown ones among the five are None.

    >>> pricing = {"prompt": "0.0000025", "input_cache_read": "1e-6", "completion": "0.00001"}
    >>> found = listed_prices({"pricing": pricing})
    >>> found["input_price"], found["cache_read_price"], found["reasoning_price"]
    (Decimal('5000000.0000'), Decimal('2000000.0000'), None)
    """
    pricing = entry.get("pricing")
    if isinstance(pricing, dict) and "kind" in pricing:
        return prices_of(pricing)
    if isinstance(pricing, dict) and str(pricing.get("currency") or "USD").upper() == "USD":
        found = _per_token(pricing, _OPENROUTER)
        if found:
            return found
    info = entry["model_info"] if isinstance(entry.get("model_info"), dict) else {}
    for costs in (entry, info):
        found = _per_token(costs, _LITELLM)
        # LiteLLM reports zero for models whose price it does not know.
        if any(found.values()):
            return found
    return {}


def _per_token(costs: dict[str, Any], names: dict[str, str]) -> dict[str, Decimal | None]:
    prices = {column: _decimal(costs.get(name)) for column, name in names.items()}
    found = {
        column: _credits({"price": price}) if price is not None and 0 <= price < _DEAREST_TOKEN else None
        for column, price in prices.items()
    }
    if found["input_price"] is None or found["output_price"] is None:
        return {}
    # Zero beside a price of the half is a kind that the list has no price for.
    halves = ("input_price", "output_price")
    return {column: price if price or column in halves else None for column, price in found.items()}


def prices_of(pricing: object) -> dict[str, Decimal | None]:
    """Return the prices in credits for a million tokens, None for unknown ones; empty if none is stated.

    >>> unit = {"name": "token", "measure": "output", "price": 3.25, "per": 1_000_000}
    >>> prices_of({"kind": "fixed", "currency": "USD", "units": [unit]})["output_price"]
    Decimal('6500000.0000')
    """
    if not isinstance(pricing, dict) or pricing.get("kind") not in ("fixed", "variants", "variable"):
        return {}
    lists = (pricing.get(key) for key in ("units", "variants"))
    units = [unit for units in lists if isinstance(units, list) for unit in units if isinstance(unit, dict)]
    if str(pricing.get("currency") or "USD").upper() != "USD":
        units = []
    return {column: _dearest(units, measures) for column, measures in _MEASURES.items()}


def _dearest(units: list[dict[str, Any]], measures: frozenset[str]) -> Decimal | None:
    """Return the highest of several prices: an estimate must not be too low."""
    found = []
    for unit in units:
        when = unit["when"] if isinstance(unit.get("when"), dict) else {}
        measure = str(unit.get("measure") or when.get("measure") or when.get("direction")).lower()
        name = str(unit.get("name") or unit.get("unit")).lower().removesuffix("s")
        if measure in measures and name == "token" and (price := _credits(unit)) is not None:
            found.append(price)
    return max(found, default=None)


def _credits(unit: dict[str, Any]) -> Decimal | None:
    price, per = _decimal(unit.get("price")), _decimal(unit.get("per", 1))
    if price is None or per is None or price < 0 or per <= 0:
        return None
    try:
        credits = (price / per * MILLION * CREDITS_PER_USD).quantize(_CENT)
    except InvalidOperation:
        return None
    return credits if credits <= _DEAREST else None


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        # The text of a float is the number that was meant: 0.1 instead of its binary value.
        found = Decimal(str(value)[:40])
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
