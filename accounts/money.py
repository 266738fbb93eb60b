"""The worth of credits and the format of money, the same on receipts, reports and limits. Pure."""

from __future__ import annotations

import math
from decimal import Decimal

CREDITS_PER_USD = 2_000_000


def in_usd(credits_used: int | Decimal) -> Decimal:
    """Convert credits to dollars.

    >>> in_usd(8403)
    Decimal('0.0042015')
    """
    return Decimal(credits_used) / CREDITS_PER_USD


def in_credits(amount: Decimal) -> int:
    """Convert dollars to credits. A fraction of a credit counts as a whole one.

    >>> in_credits(Decimal("0.0042015")), in_credits(Decimal("0.0000001"))
    (8403, 1)
    """
    return math.ceil(amount * CREDITS_PER_USD)


def cost_in_usd(reported: Decimal | None, credits_used: int) -> Decimal:
    """Return the reported cost of a run, or compute it from its credits if none was reported.

    >>> cost_in_usd(Decimal("0.001"), 32), cost_in_usd(None, 32)
    (Decimal('0.001'), Decimal('0.000016'))
    """
    return in_usd(credits_used) if reported is None else reported


# The places of a dollar column. Two runs of the smallest models still differ in the last one.
COLUMN_PLACES = 6


def usd(amount: Decimal) -> str:
    """Format dollars in a sentence: with cents, and below ten cents with at least two significant figures.

    ``static/js/composer/money.js`` follows the same rule.

    >>> usd(Decimal("1234.5")), usd(Decimal("0.05")), usd(Decimal("0.001642")), usd(Decimal("0.00025"))
    ('$1,234.50', '$0.05', '$0.0016', '$0.00025')
    >>> usd(Decimal("0.0000123")), usd(Decimal("0.0000005")), usd(Decimal(0))
    ('$0.000012', '$0.0000005', '$0')
    """
    if amount == 0:
        return "$0"
    if amount >= Decimal("0.1"):
        return f"${amount:,.2f}"
    # Four places suffice on most receipts.
    places = max(4, 1 - amount.adjusted())
    whole, _, fraction = f"{amount:.{places}f}".partition(".")
    return f"${whole}.{fraction.rstrip('0'):0<2}"


def usd_in_column(amount: Decimal) -> str:
    """Format dollars for a column whose heading names the unit: always with the same places.

    >>> usd_in_column(Decimal("1234.5")), usd_in_column(Decimal("0.0000123")), usd_in_column(Decimal(0))
    ('1,234.500000', '0.000012', '0.000000')
    """
    return f"{amount:,.{COLUMN_PLACES}f}"


def worth(count: int, unit: str) -> str:
    """Return the worth of a number of units; empty for other units than credits, and for zero.

    >>> worth(3284, "credits"), worth(3284, "tokens"), worth(0, "credits")
    ('$0.0016', '', '')
    """
    return usd(in_usd(count)) if unit == "credits" and count else ""


_NAMES = {
    "input_tokens": ("input token", "input tokens"),
    "output_tokens": ("output token", "output tokens"),
    "concurrent": ("request at once", "requests at once"),
}


def in_words(count: int, unit: str) -> str:
    """Name a number of units. Credits stand beside their worth; the unit ``usd`` counts credits, too.

    >>> in_words(3284, "credits"), in_words(1, "tokens"), in_words(0, "credits")
    ('$0.0016 (3,284 credits)', '1 token', '0 credits')
    >>> in_words(10_000_000, "usd"), in_words(2, "concurrent"), in_words(1, "input_tokens")
    ('$5.00', '2 requests at once', '1 input token')
    """
    if unit == "usd":
        return usd(in_usd(count))
    one, many = _NAMES.get(unit, (unit.removesuffix("s"), unit))
    counted = f"{count:,} {one if count == 1 else many}"
    amount = worth(count, unit)
    return f"{amount} ({counted})" if amount else counted


def written(count: int, unit: str) -> str:
    """Write a number of units as people type it: the unit ``usd`` counts credits, and people type dollars.

    >>> written(10_500_000, "usd"), written(500, "credits"), written(0, "usd")
    ('5.25', '500', '0')
    """
    return f"{in_usd(count).normalize():f}" if unit == "usd" else str(count)
