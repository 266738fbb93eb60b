"""The scale of a chart and the texts of its amounts. Pure."""

from __future__ import annotations

from decimal import Decimal

from accounts.ledger import Measure
from accounts.money import usd

_TOPS = [Decimal(text) for text in ("1", "1.2", "1.6", "2", "2.4", "3", "4", "5", "6", "8", "10")]
_WHOLE_TOPS = [Decimal(number) for number in (2, 4, 6, 8, 10)]


def in_words(amount: Decimal, measure: Measure) -> str:
    """
    >>> in_words(Decimal("1.5"), Measure.COST), in_words(Decimal(1500), Measure.TOKENS)
    ('$1.50', '1,500')
    """
    if measure is Measure.COST:
        return usd(amount)
    return f"{amount:,.0f}"


def on_scale(amount: Decimal, measure: Measure) -> str:
    """
    >>> [on_scale(Decimal(text), Measure.TOKENS) for text in ("2500000", "12000", "800", "0")]
    ['2.5M', '12k', '800', '0']
    """
    if measure is Measure.COST:
        return usd(amount)
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if amount >= size:
            return f"{(amount / size).normalize():f}{letter}"
    return f"{amount:,.0f}"


def top_of(most: Decimal, measure: Measure) -> Decimal:
    """Return a round number that is not below ``most`` and that has a round half.

    >>> [str(top_of(Decimal(text), Measure.COST)) for text in ("4.01", "0.09", "0.000013", "0")]
    ['5', '0.10', '0.000016', '1']
    >>> [int(top_of(Decimal(text), Measure.RUNS)) for text in ("3", "101", "0")]
    [4, 120, 2]
    """
    least = Decimal(1)
    if measure is not Measure.COST:
        if most <= 10:
            return next(top for top in _WHOLE_TOPS if top >= most)
        least = Decimal(10)
    if most <= 0:
        return least
    power = Decimal(1).scaleb(most.adjusted())
    return next(top * power for top in _TOPS if top * power >= most)


def percent(part: Decimal, whole: Decimal) -> str:
    """
    >>> [percent(Decimal(text), Decimal(1)) for text in ("0.333", "0.001", "0")]
    ['33 %', '< 1 %', '0 %']
    """
    if part <= 0 or whole <= 0:
        return "0 %"
    share = round(100 * part / whole)
    return f"{share} %" if share else "< 1 %"
