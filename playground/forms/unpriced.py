from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms

from accounts import money
from accounts.forms.seen import SeenForm
from playground.forms.models import PriceField
from playground.pricing import DEFAULT_INPUT_PRICE, DEFAULT_OUTPUT_PRICE

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULT = "default"


def _pair(input_price: Decimal, output_price: Decimal) -> str:
    """Name two prices of a million tokens: "$2.00 in and $8.00 out"."""
    return f"{money.usd(money.in_usd(input_price))} in and {money.usd(money.in_usd(output_price))} out"


_CAUTIOUS = _pair(DEFAULT_INPUT_PRICE, DEFAULT_OUTPUT_PRICE)
RULES = [
    (_DEFAULT, f"Charge the cautious default price: {_CAUTIOUS} for a million tokens"),
    ("price", "Charge a price of your own, which you enter below"),
    ("count", "Charge nothing: count tokens and requests only"),
    ("refuse", "Send no prompts to them"),
]


def rule_in_words(stored: Mapping[str, Any] | None) -> str:
    """Say what a stored rule does with models without a price.

    >>> rule_in_words({"rule": "count"}), rule_in_words({"rule": "refuse"})
    ('only their tokens and requests are counted', 'no prompts are sent to them')
    """
    match stored:
        case {"rule": "price", "input": input_price, "output": output_price}:
            pair = _pair(Decimal(input_price), Decimal(output_price))
            return f"they are charged your price: {pair} for a million tokens"
        case {"rule": "count"}:
            return "only their tokens and requests are counted"
        case {"rule": "refuse"}:
            return "no prompts are sent to them"
        case _:
            return f"they are charged a cautious price: {_CAUTIOUS} for a million tokens"


class UnpricedForm(SeenForm):
    """A workspace's rule for models without a price."""

    rule = forms.ChoiceField(label="Models without a price", choices=RULES, widget=forms.RadioSelect)
    input_price = PriceField("Input", "Only if you charge a price of your own.")
    output_price = PriceField("Output")

    def __init__(self, data: Any, stored: Mapping[str, Any] | None) -> None:
        stored = stored or {"rule": _DEFAULT}
        halves = ("input", "output")
        prices = {f"{half}_price": Decimal(stored[half]) for half in halves if half in stored}
        super().__init__(data, initial={"rule": stored["rule"], **prices})

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("rule") == "price":
            for name in ("input_price", "output_price"):
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, "Enter this price too, or 0.")
        return cleaned

    @property
    def decided(self) -> dict[str, Any] | None:
        """The rule as ``playground.prices`` reads it."""
        rule = self.cleaned_data["rule"]
        if rule == _DEFAULT:
            return None
        if rule != "price":
            return {"rule": rule}
        prices = {half: f"{self.cleaned_data[f'{half}_price']:f}" for half in ("input", "output")}
        return {"rule": rule, **prices}
