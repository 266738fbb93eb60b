"""The tab with the cost of a run: each figure, and where it comes from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accounts import money
from accounts.models import Hold, LedgerEntry
from playground import pricing
from playground.labels import list_price_in_words
from playground.upstream.reported_cost import cost_in

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from chat.models import Run

# Limit of the page; the raw answer has the rest.
MOST_USAGE_CHARACTERS = 20_000

_REPORTED = "reported by the provider"
_COUNTED = "counted here, since the provider sent no complete counts"
_STATES = {
    Hold.State.OPEN: "still held: the run has not ended",
    Hold.State.SETTLED: "settled: the ledger entry took its place",
    Hold.State.RELEASED: "released: nothing was generated, so nothing was charged",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, and a phrase that says where it comes from."""

    name: str
    value: str
    source: str


def cost_context(run: Run) -> dict[str, Any]:
    """Return what an ended run cost, how that was computed, and what the ledger has of it."""
    hold = Hold.objects.filter(run_code=run.code).first()
    entry = LedgerEntry.objects.filter(run_code=run.code).first()
    return {
        "groups": [_tokens(run), _prices(run), _costs(run, entry), [*_held(hold), *_entered(entry)]],
        "credits_per_usd": money.CREDITS_PER_USD,
        "usage": json.dumps(run.usage, ensure_ascii=False, indent=2)[:MOST_USAGE_CHARACTERS]
        if run.usage
        else "",
    }


def _tokens(run: Run) -> list[Figure]:
    source = _COUNTED if run.are_tokens_estimated else _REPORTED
    counts = [("Tokens in", run.input_tokens, source), ("Tokens out", run.output_tokens, source)]
    counts.append(("of them reasoning", run.reasoning_tokens, _REPORTED))
    return [Figure(name, f"{count:,}", said) for name, count, said in counts if count is not None]


def _prices(run: Run) -> list[Figure]:
    return [
        _price("Price in", run.input_price, pricing.DEFAULT_INPUT_PRICE, run.list_price_on),
        _price("Price out", run.output_price, pricing.DEFAULT_OUTPUT_PRICE, run.list_price_on),
    ]


def _price(name: str, price: Decimal | None, cautious: Decimal, listed_on: date | None) -> Figure:
    value = f"{money.usd(money.in_usd(cautious if price is None else price))} per million tokens"
    if price is None:
        return Figure(name, value, "a cautious price, since the catalogue has none")
    if listed_on is not None:
        return Figure(name, value, f"{list_price_in_words(listed_on)}, an estimate")
    return Figure(name, value, "from the catalogue, when the prompt was sent")


def _costs(run: Run, entry: LedgerEntry | None) -> list[Figure]:
    if run.credits is None:
        return [Figure("Cost", "$0", "nothing was generated, so nothing was charged")]
    rows = []
    if (named := cost_in(run.usage)) is not None:
        unit = "" if named.currency else ", without its currency"
        rows.append(Figure("In the provider's figures", str(named), f"{_REPORTED}{unit}"))
    if run.input_tokens is not None and run.output_tokens is not None:
        priced = pricing.cost(run.input_tokens, run.output_tokens, run.input_price, run.output_price)
        rows.append(Figure("Tokens times price", _in_both(priced), "computed here"))
    amount = money.usd(money.cost_in_usd(run.usd, run.credits))
    counted = f"{amount} ({run.credits:,} {'credit' if run.credits == 1 else 'credits'})"
    return [*rows, Figure("Cost", counted, _source(run, entry))]


def _source(run: Run, entry: LedgerEntry | None) -> str:
    if run.is_cost_estimated:
        return "estimated: the tokens times the price"
    is_reported = entry is not None and entry.source == LedgerEntry.Source.REPORTED
    return _REPORTED if is_reported else "computed: the tokens times the price"


def _held(hold: Hold | None) -> list[Figure]:
    if hold is None:
        return []
    value = f"{_in_both(hold.credits)}, {hold.tokens:,} tokens"
    return [Figure("Hold", value, f"the estimate before it was sent; {_STATES[Hold.State(hold.state)]}")]


def _entered(entry: LedgerEntry | None) -> list[Figure]:
    if entry is None:
        return []
    value = f"{_in_both(entry.credits)}, {entry.tokens:,} tokens"
    sources = {
        LedgerEntry.Source.REPORTED: _REPORTED,
        LedgerEntry.Source.PRICED: "computed from the reported tokens and the price",
        LedgerEntry.Source.ESTIMATED: "estimated",
    }
    return [Figure("Ledger entry", value, sources[LedgerEntry.Source(entry.source)])]


def _in_both(count: int) -> str:
    return money.in_words(count, "credits")
