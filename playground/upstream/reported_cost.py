"""The cost that a provider names in its usage, under the names that providers use. Pure."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.upstream.provider_site import split_address

if TYPE_CHECKING:
    from collections.abc import Mapping

# Providers whose costs have a currency that their answers do not name.
# https://openrouter.ai/docs/use-cases/usage-accounting: in credits, each worth a dollar.
_BY_SITE = {"openrouter.ai": "USD"}
# https://docs.x.ai/developers/cost-tracking
_TICKS, _TICKS_PER_USD = "cost_in_usd_ticks", 10**10
_COSTS = ("cost", "total_cost", "estimated_cost")
_AMOUNTS = ("total_cost", "total", "amount", "value", "cost")
_CURRENCIES = ("currency", "cost_currency", "unit")
_NAMED = re.compile(r"(?:(?:total|estimated)_)?cost(?:_in)?_(?P<after>[a-z]{3})|(?P<before>[a-z]{3})_cost")
# Other three letters after a name are no currency.
_KNOWN = frozenset(
    ["USD", "EUR", "GBP", "CHF", "CNY", "JPY", "KRW", "INR", "CAD", "AUD", "SGD", "HKD", "BRL", "RUB"]
)
# No request costs more.
_MOST = 1_000_000


class ReportedCost(NamedTuple):
    """An amount, and the ISO code of its currency; empty if nobody names it."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount.normalize():f} {self.currency}".strip()


def in_words(cost: ReportedCost | None) -> str:
    """
    >>> in_words(ReportedCost(Decimal("0.02"), "EUR")), in_words(ReportedCost(Decimal("0.02"), ""))
    ('0.02 EUR', '0.02, without its currency')
    """
    if cost is None:
        return ""
    return str(cost) if cost.currency else f"{cost}, without its currency"


def cost_in(usage: Mapping[str, Any] | None, base_url: str = "") -> ReportedCost | None:
    """Return the cost in a report of usage; ``base_url`` is the provider's address.

    >>> str(cost_in({"cost": 0.00014}, "https://openrouter.ai/api/v1")), str(cost_in({"cost": 0.00014}))
    ('0.00014 USD', '0.00014')
    >>> str(cost_in({"cost": {"total": "0.02", "currency": "eur"}})), str(cost_in({"cost_usd": 2}))
    ('0.02 EUR', '2 USD')
    """
    if not usage:
        return None
    ticks = _amount(usage.get(_TICKS), _TICKS_PER_USD)
    if ticks is not None:
        return ReportedCost(ticks, "USD")
    for name, value in usage.items():
        found = _NAMED.fullmatch(name) if isinstance(name, str) else None
        currency = (found["after"] or found["before"]).upper() if found else ""
        if currency in _KNOWN and (amount := _amount(value)) is not None:
            return ReportedCost(amount, currency)
    for name in _COSTS:
        value = usage.get(name)
        holder = value if isinstance(value, dict) else {}
        amounts = (_amount(each) for each in (value, *map(holder.get, _AMOUNTS)))
        amount = next((amount for amount in amounts if amount is not None), None)
        if amount is not None:
            return ReportedCost(amount, _currency(holder) or _currency(usage) or _currency_at(base_url))
    return None


def _currency(found: Mapping[str, Any]) -> str:
    names = (found.get(name) for name in _CURRENCIES)
    return next((name.upper() for name in names if isinstance(name, str) and name.upper() in _KNOWN), "")


def _currency_at(base_url: str) -> str:
    address = split_address(base_url)
    host = (address.hostname or "") if address else ""
    return next((code for site, code in _BY_SITE.items() if host == site or host.endswith(f".{site}")), "")


def _amount(value: object, per_unit: int = 1) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value)) / per_unit
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number < _MOST else None
