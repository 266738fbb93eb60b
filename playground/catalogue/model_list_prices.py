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
_INPUT = frozenset({"input", "prompt"})
_OUTPUT = frozenset({"output", "completion"})


def listed_prices(entry: dict[str, Any]) -> dict[str, Decimal | None]:
    """Return the prices that the entry states in any of the formats; empty if it states none.

    >>> listed_prices({"pricing": {"prompt": "0.0000025", "completion": "0.00001"}})
    {'input_price': Decimal('5000000.0000'), 'output_price': Decimal('20000000.0000')}
    """
    pricing = entry.get("pricing")
    if isinstance(pricing, dict) and "kind" in pricing:
        return prices_of(pricing)
    if isinstance(pricing, dict) and str(pricing.get("currency") or "USD").upper() == "USD":
        found = _per_token(pricing.get("prompt"), pricing.get("completion"))
        if found:
            return found
    info = entry["model_info"] if isinstance(entry.get("model_info"), dict) else {}
    for costs in (entry, info):
        found = _per_token(costs.get("input_cost_per_token"), costs.get("output_cost_per_token"))
        # LiteLLM reports zero for models whose price it does not know.
        if any(found.values()):
            return found
    return {}


def _per_token(for_input: object, for_output: object) -> dict[str, Decimal | None]:
    prices = [_decimal(for_input), _decimal(for_output)]
    if any(price is None or not 0 <= price < _DEAREST_TOKEN for price in prices):
        return {}
    credits = [_credits({"price": price}) for price in prices]
    return {"input_price": credits[0], "output_price": credits[1]}


def prices_of(pricing: object) -> dict[str, Decimal | None]:
    """Return input and output price in credits for a million tokens; empty if none is stated.

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
    return {"input_price": _dearest(units, _INPUT), "output_price": _dearest(units, _OUTPUT)}


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
