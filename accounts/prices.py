"""The prices that a run was charged at, and how its cost came about. Pure.

A run keeps its prices from the moment it was opened, as JSON in its basis. The ledger entry keeps them too,
with the counts that they were multiplied by. Prices are in credits for a million tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from accounts import money

if TYPE_CHECKING:
    from collections.abc import Mapping


class Origin(StrEnum):
    """Where a price comes from."""

    ADMIN = "admin"
    PROVIDER = "provider"
    LIST = "list"
    # Models without a price, by the rule of the workspace: an admin's price for all of them, the cautious
    # default price, or none because their tokens and requests are counted only.
    RULE = "rule"
    DEFAULT = "default"
    UNCOUNTED = "uncounted"
    OWN_SERVER = "own_server"
    DEMO = "demo"


_IN_WORDS = {
    Origin.ADMIN: "the price that an admin set",
    Origin.PROVIDER: "the price that the provider states",
    Origin.RULE: "an admin’s price for models without one",
    Origin.DEFAULT: "a cautious price, since this model has none",
    Origin.UNCOUNTED: "free here: of models without a price, only tokens and requests are counted",
    Origin.OWN_SERVER: "free: a server on your own network, without a key",
    Origin.DEMO: "free: the built-in demo",
}
_FREE = "free"
# The provider may charge another price than these.
_ASSUMED = frozenset({Origin.LIST, Origin.RULE, Origin.DEFAULT})


@dataclass(frozen=True, slots=True)
class Prices:
    """Credits for a million tokens of each kind.

    Cached input without a price of its own costs what input costs, and reasoning what output costs.
    """

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    reasoning: Decimal | None = None
    origin: str = ""
    # The date of a vendor's list price.
    listed_on: date | None = None

    @property
    def is_assumed(self) -> bool:
        """Whether the provider may charge another price."""
        return self.origin in _ASSUMED

    @property
    def origin_in_words(self) -> str:
        """
        >>> Prices(Decimal(1), Decimal(1), origin="list", listed_on=date(2026, 11, 30)).origin_in_words
        'the vendor’s list price of 30 November 2026'
        """
        if self.origin == Origin.LIST and self.listed_on:
            return f"the vendor’s list price of {self.listed_on.day} {self.listed_on:%B %Y}"
        return _IN_WORDS.get(Origin(self.origin), "") if self.origin in _IN_WORDS else ""


@dataclass(frozen=True, slots=True)
class Basis:
    """The figures that a cost was computed from: prices, and the kinds of tokens with prices of their own.

    ``reported`` is the provider's figure where that was not used, such as one in another currency.
    """

    prices: Prices | None = None
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    # The reasoning that the provider counts and did not send.
    hidden_tokens: int = 0
    # True if the provider sent no complete counts, so that the tokens are a rough count of our own.
    is_counted_here: bool = False
    reported: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the filled fields, the prices as text.

        >>> Basis(Prices(Decimal(2), Decimal("8.50"), origin="admin"), hidden_tokens=3).as_json()
        {'prices': {'input': '2', 'output': '8.5', 'origin': 'admin'}, 'hidden_tokens': 3}
        """
        filled = {each.name: getattr(self, each.name) for each in fields(self)}
        found = {name: value for name, value in filled.items() if value}
        if self.prices:
            named = {each.name: getattr(self.prices, each.name) for each in fields(self.prices)}
            found["prices"] = {
                name: _as_text(value) for name, value in named.items() if value not in (None, "")
            }
        return found

    @classmethod
    def of(cls, found: Mapping[str, Any] | None) -> Basis:
        """Read what :meth:`as_json` wrote; runs of earlier versions have None."""
        if not found:
            return cls()
        values = {each.name: found[each.name] for each in fields(cls) if each.name in found}
        if "prices" in values:
            values["prices"] = _prices(values["prices"])
        return cls(**values)

    def with_prices(self, prices: Prices) -> Basis:
        return replace(self, prices=prices)


def _as_text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _prices(found: Mapping[str, str]) -> Prices:
    read = {name: Decimal(value) for name, value in found.items() if name not in ("origin", "listed_on")}
    on = found.get("listed_on")
    return Prices(
        **read,
        origin=found.get("origin", ""),
        listed_on=date.fromisoformat(on) if on else None,
    )


def how_in_words(basis: Basis, source: str, reason: str = "") -> str:
    """Say how a cost came about; empty for computed ones of before it was noted.

    >>> prices = Prices(Decimal(1), Decimal(1), origin="default")
    >>> how_in_words(Basis(prices, is_counted_here=True), "estimated")
    'estimated: its tokens, counted here, at a cautious price, since this model has none'
    >>> how_in_words(Basis(reported="0.02 EUR"), "estimated"), how_in_words(Basis(), "reported")
    ('estimated: the provider reported 0.02 EUR', 'the provider reported this cost')
    """
    if source == "reported":
        return "the provider reported this cost"
    if source == "correction":
        return f"a correction: {reason}"
    origin = basis.prices.origin_in_words if basis.prices else ""
    if origin.startswith(_FREE):
        return origin
    counted = "its tokens, counted here" if basis.is_counted_here else "its tokens" if origin else ""
    at = ", at" if basis.is_counted_here else " at"
    tokens = f"{counted}{at} {origin}" if origin else counted
    said = [tokens, f"the provider reported {basis.reported}" if basis.reported else ""]
    words = "; ".join(filter(None, said))
    if source != "estimated":
        return words
    return f"estimated: {words}" if words else "estimated"


def per_million(price: Decimal) -> str:
    """
    >>> per_million(Decimal(5_000_000))
    '$2.50 per million tokens'
    """
    return f"{money.usd(money.in_usd(price))} per million tokens"
