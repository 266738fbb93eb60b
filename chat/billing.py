"""The cost of an answer, whole or cut short. Pure functions; amounts are in credits.

A cost that the provider reports in dollars or in our credits counts first, then its token counts times the
prices that the run was opened with. Token counts are trusted only at the end of the stream. Before that, a
provider reports none or too few: an answer of Claude begins with one output token, and has the true number in
its last event. Until then each direction counts as the larger of the reported number and our own count, and
the bill is an estimate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from accounts import money
from accounts.prices import Basis, Origin
from playground import pricing
from playground.upstream.dialects.registry import written_properties
from playground.upstream.reported_cost import cost_in, in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from accounts.prices import Prices
    from playground.upstream.answer import Answer
    from playground.upstream.events import UsageReported

# Our count of a text is rough. Reasoning that was streamed counts as hidden only beyond this.
_ROUGHLY = 1.5


class CostSource(StrEnum):
    """The source of a cost, in the words of the ledger."""

    REPORTED = "reported"
    PRICED = "priced"
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class Bill:
    credits: int
    usd: Decimal | None
    input_tokens: int
    output_tokens: int
    source: CostSource
    # True if the provider counted the tokens; otherwise they are a rough count of our own.
    is_counted: bool
    basis: Basis = field(default_factory=Basis, compare=False)


def bill(
    answer: Answer,
    body: Mapping[str, Any],
    prices: Prices,
    *,
    attached: int = 0,
    base_url: str = "",
    rate: float = 1.0,
) -> Bill:
    """Compute the bill of an answer.

    :param attached: tokens of the files that go with ``body``.
    :param base_url: the provider's address, which may tell the currency of its costs.
    :param rate: the model's tokens for each one of our own count.
    """
    usage = answer.usage
    read, written = (usage.input_tokens, _all_written(usage)) if usage else (None, None)
    # A provider that counts no tokens for an answer has not counted them.
    is_counted = usage is not None and not usage.is_partial and bool(written or not written_tokens(answer))
    if not is_counted or read is None or written is None:
        is_counted = False
        read = max(read or 0, math.ceil(sent_tokens(body) * rate) + attached)
        written = max(written or 0, math.ceil(written_tokens(answer) * rate))
    kinds = _kinds(usage, read, written) if usage else {}
    named = cost_in(usage.raw, base_url) if usage and not usage.is_partial else None
    in_usage = named.amount if named and named.currency == "USD" else None
    reported = _reported(answer, prices, in_usage, is_counted)
    basis = Basis(
        prices,
        **kinds,
        hidden_tokens=_hidden(answer, kinds.get("reasoning_tokens", 0)),
        is_counted_here=not is_counted,
        reported="" if named is None or reported else in_words(named),
    )
    if reported is not None:
        return Bill(*reported, read, written, CostSource.REPORTED, is_counted, basis)
    priced = pricing.cost_at(prices, read, written, **kinds)
    source = CostSource.PRICED if is_counted and not prices.is_assumed else CostSource.ESTIMATED
    return Bill(priced, None, read, written, source, is_counted, basis)


def _all_written(usage: UsageReported) -> int | None:
    """Return the tokens that a model wrote, with its reasoning.

    Most providers count the reasoning among them. Some, such as xAI, count it beside them: then the total
    exceeds the two by the reasoning. https://docs.x.ai/docs/guides/reasoning
    """
    read, written, thought = usage.input_tokens, usage.output_tokens, usage.reasoning_tokens
    if None in (read, written, thought, usage.total_tokens):
        return written
    return written + thought if usage.total_tokens == read + written + thought else written  # type: ignore[operator]


def _kinds(usage: UsageReported, read: int, written: int) -> dict[str, int]:
    """Return the counts of tokens that may have prices of their own; none that contradict the totals."""
    cached, stored = usage.cache_read_tokens or 0, usage.cache_write_tokens or 0
    if cached + stored > read:
        cached = stored = 0
    thought = usage.reasoning_tokens or 0
    return {
        "cache_read_tokens": cached,
        "cache_write_tokens": stored,
        "reasoning_tokens": thought if thought <= written else 0,
    }


def _hidden(answer: Answer, thought: int) -> int:
    """Return the reasoning that the provider counts beyond what it sent; 0 if the two are about equal."""
    shown = pricing.count_tokens(answer.reasoning)
    return thought - shown if thought > shown * _ROUGHLY else 0


def _reported(
    answer: Answer, prices: Prices, in_usage: Decimal | None, is_counted: bool
) -> tuple[int, Decimal | None] | None:
    """Return the credits and dollars that the provider reports for the whole answer, or None.

    The demo reports a cost like a real provider, but nobody pays it.
    """
    cost = answer.cost if prices.origin != Origin.DEMO else None
    credits, usd = (cost.credits, cost.usd) if cost else (None, None)
    if credits is None:
        usd = in_usage if usd is None else usd
        credits = None if usd is None else money.in_credits(usd)
    # A cost of zero without any count is no report, as counts of zero are none.
    return None if credits is None or not (credits or is_counted) else (credits, usd)


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
