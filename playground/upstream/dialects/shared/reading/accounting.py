"""The usage and the cost of an answer, read from every place where upstreams report them."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from accounts.money import CREDITS_PER_USD
from playground.upstream.events import CostReported, UsageReported
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from collections.abc import Mapping

# No request costs more. A larger figure is an error, and the ledger could not hold it.
_MOST_USD = 1_000_000
_MOST_CREDITS = _MOST_USD * CREDITS_PER_USD
# LiteLLM names itself in the headers of every answer.
_OF_LITELLM = ("x-litellm-version", "x-litellm-call-id")


def read_usage(
    usage: dict[str, Any], *, is_partial: bool = False, counted_apart: tuple[str, ...] = ()
) -> UsageReported:
    """Read token counts; ``counted_apart`` names input counts that the dialect leaves out of its total."""
    written = _details(usage, "completion_tokens_details", "output_tokens_details")
    read = _count(usage.get("prompt_tokens", usage.get("input_tokens")))
    if read is not None:
        read += sum(_count(usage.get(name)) or 0 for name in counted_apart)
    return UsageReported(
        input_tokens=read,
        output_tokens=_count(usage.get("completion_tokens", usage.get("output_tokens"))),
        # Perplexity names it beside its totals.
        reasoning_tokens=_first(written.get("reasoning_tokens"), usage.get("reasoning_tokens")),
        total_tokens=_count(usage.get("total_tokens")),
        raw=storable(usage),
        is_partial=is_partial,
        **_cached(usage),
    )


def _cached(usage: dict[str, Any]) -> dict[str, int | None]:
    """Read the counts of the cache: OpenAI's, OpenRouter's, Anthropic's and DeepSeek's names for them.

    https://platform.openai.com/docs/guides/prompt-caching,
    https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching
    """
    read = _details(usage, "prompt_tokens_details", "input_tokens_details")
    return {
        "cache_read_tokens": _first(
            read.get("cached_tokens"),
            usage.get("cache_read_input_tokens"),
            usage.get("prompt_cache_hit_tokens"),
        ),
        "cache_write_tokens": _first(
            read.get("cache_write_tokens"),
            read.get("cache_creation_tokens"),
            usage.get("cache_creation_input_tokens"),
        ),
    }


def _details(usage: dict[str, Any], *names: str) -> dict[str, Any]:
    found = (usage.get(name) for name in names)
    return next((each for each in found if each and isinstance(each, dict)), {})


def _first(*values: object) -> int | None:
    counts = (_count(value) for value in values)
    return next((count for count in counts if count is not None), None)


def counts_something(usage: UsageReported) -> bool:
    """Return whether any count is above zero. No answer takes no tokens, so zeros alone are no report."""
    return any((usage.input_tokens, usage.output_tokens, usage.reasoning_tokens, usage.total_tokens))


def read_cost(meta: object) -> CostReported | None:
    """Read ``meta.usage`` of AI/ML API; ``tokens_used`` is an earlier name of the credits.

    ``usage.cost``, which OpenRouter sends, stays in the raw usage: behind another reseller it
    is the amount that *they* paid. Only that of LiteLLM is read.
    """
    usage = meta.get("usage") if isinstance(meta, dict) else None
    if not isinstance(usage, dict):
        return None
    return make_cost(usage.get("credits_used", usage.get("tokens_used")), usage.get("usd_spent"))


def is_of_litellm(headers: Mapping[str, str]) -> bool:
    """Return whether LiteLLM answers, whose ``usage.cost`` is what it charges, in dollars.

    https://docs.litellm.ai/docs/proxy/cost_tracking
    """
    return any(name in headers for name in _OF_LITELLM)


def make_cost(credits: object, usd: object) -> CostReported | None:
    """Build a cost. A fraction of a credit counts as a whole one, as on the provider's bill."""
    amount, dollars = _decimal(credits), _decimal(usd)
    if dollars is not None and dollars >= _MOST_USD:
        dollars = None
    # Credits of zero beside dollars are missing ones.
    if amount is not None and (amount >= _MOST_CREDITS or (not amount and dollars)):
        amount = None
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
