"""What credits are worth, and how money is written. Pure; one rule for receipts, reports and limits."""

from __future__ import annotations

from decimal import Decimal

CREDITS_PER_USD = 2_000_000


def in_usd(credits_used: int) -> Decimal:
    """
    >>> in_usd(8403)
    Decimal('0.0042015')
    """
    return Decimal(credits_used) / CREDITS_PER_USD


def cost_in_usd(reported: Decimal | None, credits_used: int) -> Decimal:
    """What the provider said a run cost; worked out from its credits where it did not say.

    >>> cost_in_usd(Decimal("0.001"), 32), cost_in_usd(None, 32)
    (Decimal('0.001'), Decimal('0.000016'))
    """
    return in_usd(credits_used) if reported is None else reported
