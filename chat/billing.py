"""The cost of an answer, whole or cut short. Pure functions; amounts are in credits.

A cost that the provider reports counts first, then its token counts times the price. Token counts are
trusted only at the end of the stream. Before that, a provider reports none or too few: an answer of Claude
begins with one output token, and has the true number in its last event. Until then each direction counts
as the larger of the reported number and our own count, and the bill is an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from playground import pricing
from playground.upstream.dialects.registry import written_properties

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from playground.upstream.answer import Answer


class CostSource(StrEnum):
    """The source of a cost, in the words of the ledger."""

    REPORTED = "reported"
    PRICED = "priced"
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class Bill:
    # None if the price is unknown.
    credits: int | None
    usd: Decimal | None
    input_tokens: int
    output_tokens: int
    source: CostSource
    # True if the provider counted the tokens; otherwise they are a rough count of our own.
    is_counted: bool


def is_free(answer: Answer, *, has_finished: bool) -> bool:
    """Say whether an answer costs nothing: the upstream refused the request, or never got it."""
    return not has_finished and answer.has_cost_nothing


def bill(
    answer: Answer,
    body: Mapping[str, Any],
    *,
    attached: int,
    input_price: Decimal | None,
    output_price: Decimal | None,
) -> Bill:
    """Compute the bill of an answer.

    :param attached: tokens of the files that go with ``body``.
    :param input_price, output_price: credits for a million tokens.
    """
    usage, cost = answer.usage, answer.cost
    read, written = (usage.input_tokens, usage.output_tokens) if usage else (None, None)
    is_counted = True
    if usage is None or usage.is_partial or read is None or written is None:
        is_counted = False
        read = max(read or 0, sent_tokens(body) + attached)
        written = max(written or 0, written_tokens(answer))
    usd = cost.usd if cost else None
    if cost and cost.credits is not None:
        return Bill(cost.credits, usd, read, written, CostSource.REPORTED, is_counted)
    priced = pricing.cost(read, written, input_price, output_price)
    source = CostSource.ESTIMATED if priced is None or not is_counted else CostSource.PRICED
    return Bill(priced, usd, read, written, source, is_counted)


def sent_tokens(body: Mapping[str, Any]) -> int:
    """Estimate the tokens that a model read, without the files."""
    return pricing.count_tokens([body.get(name) for name in written_properties()])


def written_tokens(answer: Answer) -> int:
    """Estimate the tokens that a model wrote, shown or not. The count never shrinks as more comes."""
    return pricing.count_tokens("".join(_written(answer)))


def _written(answer: Answer) -> Iterator[str]:
    for choice in (answer.first, *answer.others.values()):
        yield from (choice.text, choice.reasoning, choice.refusal)
        for call in choice.tool_calls.values():
            yield from (call.name, str(call.pieces))
    for hosted in answer.hosted_tools.values():
        yield hosted.get("input", "")
    yield from answer.transcript_parts
