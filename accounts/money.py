"""The worth of credits and the format of money, the same on receipts, reports and limits. Pure."""

from __future__ import annotations

import math
from decimal import Decimal

CREDITS_PER_USD = 2_000_000


def in_usd(credits_used: int) -> Decimal:
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


def usd(amount: Decimal) -> str:
    """Format dollars: with cents, and below ten cents with at least two significant figures.

    >>> usd(Decimal("1234.5")), usd(Decimal("0.05")), usd(Decimal("0.001642")), usd(Decimal("0.00025"))
    ('1,234.50 USD', '0.05 USD', '0.0016 USD', '0.00025 USD')
    >>> usd(Decimal("0.0000005")), usd(Decimal(0))
    ('0.0000005 USD', '0 USD')
    """
    if amount == 0:
        return "0 USD"
    if amount >= Decimal("0.1"):
        return f"{amount:,.2f} USD"
    # Four places suffice on most receipts.
    places = max(4, 1 - amount.adjusted())
    whole, _, fraction = f"{amount:.{places}f}".partition(".")
    return f"{whole}.{fraction.rstrip('0'):0<2} USD"


def worth(count: int, unit: str) -> str:
    """Return the worth of a number of units; empty for other units than credits, and for zero.

    >>> worth(3284, "credits"), worth(3284, "tokens"), worth(0, "credits")
    ('0.0016 USD', '', '')
    """
    return usd(in_usd(count)) if unit == "credits" and count else ""
