"""Filters that format figures of the catalogue."""

from __future__ import annotations

from decimal import Decimal

from django import template

from playground.models import UpstreamModel
from playground.pricing import CREDITS_PER_USD

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
    """Format the prices of a million input and output tokens in USD; empty if unknown."""
    if model.input_price is None or model.output_price is None:
        return ""
    return f"{usd_per_million(model.input_price)} / {usd_per_million(model.output_price)}"


@register.filter
def capability(name: str) -> str:
    return _CAPABILITIES.get(name, name.replace("_", " "))


def usd_per_million(credits_per_million: Decimal) -> str:
    """Format a price in credits as dollars.

    >>> usd_per_million(Decimal(200_000)), usd_per_million(Decimal(5_000)), usd_per_million(Decimal(0))
    ('0.10', '0.0025', '0')
    """
    usd = credits_per_million / CREDITS_PER_USD
    if not usd:
        return "0"
    return f"{usd:.2f}" if usd >= Decimal("0.01") else f"{usd:.2g}"


def short_credits(credits_per_million: Decimal) -> str:
    """Abbreviate a price in credits.

    >>> short_credits(Decimal(4_000_000)), short_credits(Decimal("1250000")), short_credits(Decimal("0.5"))
    ('4M', '1.25M', '0.5')
    """
    for size, unit in ((1_000_000, "M"), (1000, "k"), (1, "")):
        if credits_per_million >= size:
            return f"{float(credits_per_million / size):.3g}{unit}"
    return f"{float(credits_per_million):.3g}"
