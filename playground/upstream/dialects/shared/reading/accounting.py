"""The usage and the cost of an answer, read from every place where upstreams report them."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import Any

from playground.upstream.events import CostReported, UsageReported
from playground.upstream.storable import storable

# No request costs more, and the ledger could not hold a larger amount.
_MOST_USD = 1_000_000


def read_usage(
    usage: dict[str, Any], *, is_partial: bool = False, counted_apart: tuple[str, ...] = ()
) -> UsageReported:
    """Read token counts; ``counted_apart`` names input counts that the dialect leaves out of its total."""
    details = usage.get("completion_tokens_details") or usage.get("output_tokens_details")
    reasoning = details.get("reasoning_tokens") if isinstance(details, dict) else None
    read = _count(usage.get("prompt_tokens", usage.get("input_tokens")))
    if read is not None:
        read += sum(_count(usage.get(name)) or 0 for name in counted_apart)
    return UsageReported(
        input_tokens=read,
        output_tokens=_count(usage.get("completion_tokens", usage.get("output_tokens"))),
        reasoning_tokens=_count(reasoning),
        total_tokens=_count(usage.get("total_tokens")),
        raw=storable(usage),
        is_partial=is_partial,
    )


def counts_something(usage: UsageReported) -> bool:
    """Return whether any count is above zero. No answer takes no tokens, so zeros alone are no report."""
    return any((usage.input_tokens, usage.output_tokens, usage.reasoning_tokens, usage.total_tokens))


def read_cost(meta: object) -> CostReported | None:
    """Read ``meta.usage`` of AI/ML API; ``tokens_used`` is an earlier name of the credits.

    ``usage.cost``, which OpenRouter sends, stays in the raw usage: behind another reseller it
    is the amount that *they* paid.
    """
    usage = meta.get("usage") if isinstance(meta, dict) else None
    if not isinstance(usage, dict):
        return None
    return make_cost(usage.get("credits_used", usage.get("tokens_used")), usage.get("usd_spent"))


def make_cost(credits: object, usd: object) -> CostReported | None:
    """Build a cost. A fraction of a credit counts as a whole one, as on the provider's bill."""
    amount, dollars = _decimal(credits), _decimal(usd)
    if dollars is not None and dollars >= _MOST_USD:
        dollars = None
    if amount is None and dollars is None:
        return None
    return CostReported(None if amount is None else math.ceil(amount), dollars)


def _count(value: object) -> int | None:
    number = _decimal(value)
    return None if number is None else int(number)


def _decimal(value: object) -> Decimal | None:
    """Return a finite number of zero or more that is given as a number or as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number < 10**15 else None
