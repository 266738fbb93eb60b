"""A figure of a report: what something has cost and how much of it there was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from accounts.ledger.day_sums import USD_PLACES
from accounts.money import in_usd, usd, usd_in_column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.ledger.day_sums import Sums


class Measure(StrEnum):
    """The quantity that rows are compared by and that a chart shows."""

    COST = "cost"
    TOKENS = "tokens"
    RUNS = "runs"


@dataclass(frozen=True, slots=True)
class Spent:
    """A row of a report. ``share`` compares it with the highest row, from 0 to 1."""

    what: Any
    credits: int = 0
    usd: Decimal = Decimal(0)
    tokens: int = 0
    runs: int = 0
    # The number of runs whose cost is an estimate, because their tokens or prices were not known.
    estimates: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    share: float = 0.0

    @property
    def dollars(self) -> str:
        """The cost for a column of a table.

        >>> Spent("", usd=Decimal("0.001100000")).dollars, Spent("", usd=Decimal(3)).dollars
        ('0.001100', '3.000000')
        >>> Spent("", usd=Decimal("0.000016"), estimates=1).dollars
        'about 0.000016'
        """
        figure = usd_in_column(self.usd)
        return f"about {figure}" if self.estimates else figure

    @property
    def cost(self) -> str:
        """The cost for a sentence or a single figure.

        >>> Spent("", usd=Decimal("0.0011")).cost, Spent("", usd=Decimal("0.000016"), estimates=1).cost
        ('$0.0011', 'about $0.000016')
        """
        return f"about {usd(self.usd)}" if self.estimates else usd(self.usd)

    def amount(self, measure: Measure) -> Decimal:
        """Return dollars, tokens or runs."""
        return {
            Measure.COST: self.usd,
            Measure.TOKENS: Decimal(self.tokens),
            Measure.RUNS: Decimal(self.runs),
        }[measure]


def spent(what: Any, sums: Sums) -> Spent:
    nanos, credits_without_usd, all_credits, *others = sums
    usd = Decimal(nanos).scaleb(-USD_PLACES) + in_usd(credits_without_usd)
    return Spent(what, all_credits, usd, *others)


def ranked(rows: Iterable[Spent], measure: Measure) -> list[Spent]:
    """Sort rows, the highest first. Rows that the measure does not tell apart are compared by the others."""
    return sorted(rows, key=lambda row: (-row.amount(measure), -row.usd, -row.tokens, str(row.what)))


def compared(rows: list[Spent], measure: Measure) -> list[Spent]:
    """Return the rows with their shares of the highest one."""
    most = max((row.amount(measure) for row in rows), default=Decimal(0))
    if most <= 0:
        return rows
    return [replace(row, share=max(0.0, float(row.amount(measure) / most))) for row in rows]
