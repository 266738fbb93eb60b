"""The tab with the cost of a run: each figure, and where it comes from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accounts import money
from accounts.models import Hold, LedgerEntry
from accounts.prices import Basis, how_in_words, per_million
from chat.pages.receipt import source_of
from playground import pricing
from playground.upstream.reported_cost import cost_in

if TYPE_CHECKING:
    from chat.models import Run

# Limit of the page; the raw answer has the rest.
MOST_USAGE_CHARACTERS = 20_000

# Tokens that may have prices of their own, as the basis of a cost names them.
_KINDS = ("cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
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
    entry = LedgerEntry.objects.filter(run_code=run.code, number=0).first()
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
    basis = run.kept_basis
    counts[1:1] = [
        ("of them read from the cache", basis.cache_read_tokens or None, _REPORTED),
        ("of them written to the cache", basis.cache_write_tokens or None, _REPORTED),
    ]
    counts.append(("of them reasoning", run.reasoning_tokens, _REPORTED))
    counts.append(("of that hidden", basis.hidden_tokens or None, "counted by the provider, but not sent"))
    return [Figure(name, f"{count:,}", said) for name, count, said in counts if count is not None]


def _prices(run: Run) -> list[Figure]:
    prices = run.prices
    said = f"{prices.origin_in_words or 'from the catalogue'}, when the prompt was sent"
    kinds = [
        ("Price in", prices.input),
        ("of it read from the cache", prices.cache_read),
        ("of it written to the cache", prices.cache_write),
        ("Price out", prices.output),
        ("of it reasoning", prices.reasoning),
    ]
    return [Figure(name, per_million(price), said) for name, price in kinds if price is not None]


def _costs(run: Run, entry: LedgerEntry | None) -> list[Figure]:
    if run.credits is None:
        return [Figure("Cost", "$0", "nothing was generated, so nothing was charged")]
    rows = []
    if (named := cost_in(run.usage)) is not None:
        unit = "" if named.currency else ", without its currency"
        rows.append(Figure("In the provider's figures", str(named), f"{_REPORTED}{unit}"))
    if run.input_tokens is not None and run.output_tokens is not None:
        kinds = {kind: getattr(run.kept_basis, kind) for kind in _KINDS}
        priced = pricing.cost_at(run.prices, run.input_tokens, run.output_tokens, **kinds)
        rows.append(Figure("Tokens times price", _in_both(priced), "computed here"))
    amount = money.usd(money.cost_in_usd(run.usd, run.credits))
    counted = f"{amount} ({run.credits:,} {'credit' if run.credits == 1 else 'credits'})"
    return [*rows, Figure("Cost", counted, _source(run, entry))]


def _source(run: Run, entry: LedgerEntry | None) -> str:
    source = LedgerEntry.Source(entry.source) if entry else source_of(run)
    return how_in_words(run.kept_basis, source)


def _held(hold: Hold | None) -> list[Figure]:
    if hold is None:
        return []
    value = f"{_in_both(hold.credits)}, {hold.tokens:,} tokens"
    return [Figure("Hold", value, f"the estimate before it was sent; {_STATES[Hold.State(hold.state)]}")]


def _entered(entry: LedgerEntry | None) -> list[Figure]:
    if entry is None:
        return []
    value = f"{_in_both(entry.credits)}, {entry.tokens:,} tokens"
    how = how_in_words(Basis.of(entry.basis), entry.source)
    return [Figure("Ledger entry", value, how or entry.get_source_display())]


def _in_both(count: int) -> str:
    return money.in_words(count, "credits")
