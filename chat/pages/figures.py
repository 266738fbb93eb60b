"""The figures of the last answers in the columns of a comparison, and the best of each."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Sum

from accounts import money
from chat.models import Run
from chat.pages.receipt import Receipt, final_receipt, rate_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat.access import Grant


@dataclass(frozen=True, slots=True)
class ColumnFigure:
    """A figure as it is shown, and whether no other column has a better one."""

    text: str
    is_best: bool = False
    is_about: bool = False


@dataclass(frozen=True, slots=True)
class ColumnFigures:
    """The figures of one column: of its last answer, if that has ended, and the cost of all of them."""

    number: int
    name: str
    first_token: ColumnFigure
    rate: ColumnFigure
    tokens: ColumnFigure
    cost: ColumnFigure
    total: ColumnFigure


def figures_of(columns: Sequence[Grant], names: Sequence[str]) -> list[ColumnFigures]:
    """Return the figures of columns, in three queries; nothing if no answer has ended."""
    heads = [column.conversation.head_id for column in columns]
    ended = Run.objects.filter(answer__in=heads).exclude(status__in=Run.LIVE)
    runs = {run.answer_id: run for run in ended}
    found = [runs.get(head) for head in heads]
    totals = _totals([column.conversation.pk for column in columns])
    if not any(found):
        return []
    receipts = [final_receipt(run) if run else Receipt() for run in found]
    # An answer that did not end by itself is no better for being short.
    whole = [run if run and run.status == Run.Status.FINISHED else None for run in found]
    best_first = _lowest([run.first_token_ms if run and run.is_streamed else None for run in whole])
    best_rate = _lowest([-rate if run and (rate := rate_of(run)) else None for run in whole])
    best_tokens = _lowest([run.output_tokens if run else None for run in whole])
    best_cost = _lowest([run.credits if run else None for run in whole])
    sums = [totals.get(column.conversation.pk) for column in columns]
    best_total = _lowest([each[0] if each else None for each in sums])
    return [
        ColumnFigures(
            place + 1,
            names[place],
            ColumnFigure(receipt.first_token, place in best_first),
            ColumnFigure(receipt.rate, place in best_rate),
            ColumnFigure(receipt.tokens, place in best_tokens, receipt.are_tokens_estimated),
            ColumnFigure(receipt.cost, place in best_cost, receipt.is_cost_estimated),
            ColumnFigure(money.usd(each[1]) if (each := sums[place]) else "", place in best_total),
        )
        for place, receipt in enumerate(receipts)
    ]


def _totals(columns: list[int]) -> dict[int, tuple[int, Decimal]]:
    """Return what the answers of each column have cost, in credits and in dollars."""
    rows = (
        Run.objects.filter(conversation__in=columns, credits__isnull=False)
        .values("conversation")
        .annotate(sum=Sum("credits"))
        .values_list("conversation", "sum")
    )
    return {column: (credits, money.cost_in_usd(None, credits)) for column, credits in rows}


def _lowest(values: Sequence[float | None]) -> set[int]:
    """Return the places of the lowest of several values; nothing if all that are known are equal.

    >>> _lowest([3, None, 2, 2]), _lowest([2, 2]), _lowest([1, None])
    ({2, 3}, set(), set())
    """
    known = [value for value in values if value is not None]
    if len(set(known)) < 2:
        return set()
    return {place for place, value in enumerate(values) if value == min(known)}
