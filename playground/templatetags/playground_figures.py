"""Filters that format figures of the catalogue."""

from __future__ import annotations

from decimal import Decimal

from django import template

from accounts import money
from playground.models import UpstreamModel

register = template.Library()

_CAPABILITIES = {"structured_output": "JSON", "vision": "vision", "files": "files"}


@register.filter
def tokens(count: int) -> str:
    """Abbreviate a number of tokens.

    >>> tokens(262144), tokens(1_000_000), tokens(128000), tokens(800)
    ('256k', '1M', '128k', '800')
    """
    if count >= 1_000_000:
        return f"{count / 1_000_000:.2g}M"
    # Vendors count in units of 1,024 or of 1,000; the unit that divides the number is the one they used.
    unit = 1024 if count % 1024 == 0 and count % 1000 else 1000
    return f"{round(count / unit)}k" if count >= 1000 else str(count)


@register.filter
def price(model: UpstreamModel) -> str:
    """Format the prices of a million input and output tokens in dollars; empty if unknown."""
    if model.input_price is None or model.output_price is None:
        return ""
    return f"{price_in_usd(model.input_price)} / {price_in_usd(model.output_price)}"


@register.filter
def price_in_credits(model: UpstreamModel) -> str:
    """Format the same prices in credits."""
    if model.input_price is None or model.output_price is None:
        return ""
    return f"{short_credits(model.input_price)} / {short_credits(model.output_price)} credits"


@register.filter
def capability(name: str) -> str:
    return _CAPABILITIES.get(name, name.replace("_", " "))


@register.filter
def price_in_usd(credits_per_million: Decimal) -> str:
    """Format a price in credits as dollars.

    >>> price_in_usd(Decimal(200_000)), price_in_usd(Decimal(150_000)), price_in_usd(Decimal(0))
    ('$0.10', '$0.075', '$0')
    """
    return money.usd(money.in_usd(credits_per_million))


@register.filter
def short_credits(credits_per_million: Decimal) -> str:
    """Abbreviate a price in credits.

    >>> short_credits(Decimal(4_000_000)), short_credits(Decimal("1250000")), short_credits(Decimal("0.5"))
    ('4M', '1.25M', '0.5')
    """
    for size, unit in ((1_000_000, "M"), (1000, "k"), (1, "")):
        if credits_per_million >= size:
            return f"{float(credits_per_million / size):.3g}{unit}"
    return f"{float(credits_per_million):.3g}"
