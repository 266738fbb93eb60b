"""A bar chart of spending by day or by week, as numbers and texts for ``accounts/_chart.html``. Pure.

The drawing is stretched to the width of the page, so it contains no text: the page writes the scale and the
days beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from accounts.ledger import Measure, Rest
from accounts.pages.chart_scale import in_words, on_scale, percent, top_of
from accounts.pages.chart_shapes import HEIGHT, SLOT, bar_path, lying_path, spans_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accounts.ledger import Series

# More days than these are drawn as weeks.
MOST_DAYS = 45
_LABELS = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """A day or a week."""

    first: date
    last: date
    # The amounts of all series, in the order of the stripes.
    amounts: list[Decimal]
    measure: Measure
    names: list[Any]
    # The query of the page of these days.
    query: str
    # The text below it; few bars have one.
    label: str = ""
    # Whether it is in the right half of the chart, so that its text is written to its left.
    is_late: bool = False

    @property
    def total(self) -> Decimal:
        return sum(self.amounts, Decimal(0))

    @property
    def total_in_words(self) -> str:
        return in_words(self.total, self.measure)

    @property
    def parts(self) -> list[tuple[Any, str]]:
        """The series that have something on these days, each with its amount in words."""
        pairs = zip(self.names, self.amounts, strict=True)
        return [(what, in_words(amount, self.measure)) for what, amount in pairs if amount]

    @property
    def cells(self) -> list[str]:
        return [in_words(amount, self.measure) for amount in self.amounts]

    @property
    def name(self) -> str:
        if self.first == self.last:
            return f"{self.first:%a} {self.first.day} {self.first:%b %Y}"
        return f"{self.first.day} {self.first:%b} to {self.last.day} {self.last:%b %Y}"


@dataclass(frozen=True, slots=True)
class Stripe:
    """A series of a chart, in one colour."""

    what: Any
    # The number of its colour, from 1; 0 for all others together.
    colour: int
    # The path of all its bars.
    path: str
    total: Decimal
    total_in_words: str
    # The share of the whole chart in whole percent, as text.
    share: str


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    stripes: list[Stripe]
    # Texts of the scale from its top to zero.
    scale: list[str]
    is_weekly: bool
    total: str
    # The bar with the most; None if nothing was spent.
    peak: Bar | None

    @property
    def width(self) -> int:
        return SLOT * (100 if self.is_single else len(self.bars))

    @property
    def view(self) -> str:
        """The size of the drawing in its own units."""
        return f"{self.width} {HEIGHT}"

    @property
    def leader(self) -> Stripe | None:
        """The single row with the largest share, if there are several."""
        single = [stripe for stripe in self.stripes if not isinstance(stripe.what, Rest) and stripe.total > 0]
        return single[0] if single and len(self.stripes) > 1 else None

    @property
    def is_single(self) -> bool:
        """Whether there is one bar, which lies on its side."""
        return len(self.bars) == 1


def chart(
    series: Sequence[Series], first: date, last: date, measure: Measure, at: Callable[[date, date], str]
) -> Chart | None:
    """Draw the series from the first to the last day; None if nothing happened on these days.

    Days are added up to weeks if there are many. Of a long time, the beginning without a run is left out.

    :param at: returns the query of the page of some days.
    """
    begun = min((day for each in series for day in each.days), default=None)
    if begun is None:
        return None
    if (last - first).days >= MOST_DAYS:
        first = begun
    is_weekly = (last - first).days >= MOST_DAYS
    bars = _bars(series, spans_of(first, last, is_weekly), measure, at)
    top = top_of(max(bar.total for bar in bars), measure)
    amounts = [bar.amounts for bar in bars]
    whole = sum((bar.total for bar in bars), Decimal(0))
    stripes = [
        Stripe(
            what=each.what,
            colour=0 if each.what is Rest.OTHERS else number + 1,
            path=lying_path(amounts[0], number) if len(bars) == 1 else bar_path(amounts, number, top),
            total=(total := sum((bar.amounts[number] for bar in bars), Decimal(0))),
            total_in_words=in_words(total, measure),
            share=percent(total, whole),
        )
        for number, each in enumerate(series)
    ]
    return Chart(
        bars=bars,
        stripes=stripes,
        scale=[on_scale(amount, measure) for amount in (top, top / 2, Decimal(0))],
        is_weekly=is_weekly,
        total=in_words(whole, measure),
        peak=max(bars, key=lambda bar: bar.total) if whole > 0 else None,
    )


def _bars(
    series: Sequence[Series],
    spans: list[tuple[date, date]],
    measure: Measure,
    at: Callable[[date, date], str],
) -> list[Bar]:
    number_of = {
        first + timedelta(days=day): number
        for number, (first, last) in enumerate(spans)
        for day in range((last - first).days + 1)
    }
    amounts = [[Decimal(0)] * len(series) for _ in spans]
    for place, each in enumerate(series):
        for day, row in each.days.items():
            amounts[number_of[day]][place] += row.amount(measure)
    every = max(1, -(-len(spans) // _LABELS))
    return [
        Bar(
            first,
            last,
            amounts[number],
            measure,
            [each.what for each in series],
            at(first, last),
            label=f"{first.day} {first:%b}" if number % every == every // 2 else "",
            is_late=number * 2 >= len(spans),
        )
        for number, (first, last) in enumerate(spans)
    ]
