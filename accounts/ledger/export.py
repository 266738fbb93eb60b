"""Every run of some days, as rows of a table for other programs."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from accounts.ledger.day_sums import entries_between
from accounts.money import cost_in_usd, in_usd
from accounts.prices import Basis, how_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from accounts.models import LedgerEntry, Workspace


COLUMNS = (
    "time",
    "run",
    "person",
    "email",
    "provider",
    "model",
    "input_tokens",
    "output_tokens",
    "tokens",
    "usd",
    "credits",
    "cost_source",
    "purpose",
)
_PORTION = 2000


def portions(workspace: Workspace, first: date, last: date) -> Iterator[list[list[str]]]:
    """Yield the rows in portions, the oldest first. Each portion is one query, whatever came before."""
    entries = entries_between(workspace, first, last).select_related("user").order_by("held_at", "pk")
    rest = entries
    while found := list(rest[:_PORTION]):
        yield [_row(entry) for entry in found]
        end = found[-1]
        rest = entries.filter(held_at__gte=end.held_at).exclude(held_at=end.held_at, pk__lte=end.pk)


def _row(entry: LedgerEntry) -> list[str]:
    return [
        entry.held_at.astimezone(UTC).isoformat(),
        str(entry.run_code),
        entry.user.display_name if entry.user else "",
        entry.user.email if entry.user else "",
        entry.provider_code,
        entry.model_id,
        str(entry.input_tokens),
        str(entry.output_tokens),
        str(entry.tokens),
        f"{cost_in_usd(entry.usd, entry.credits):f}",
        str(entry.credits),
        entry.source,
        entry.purpose,
        *_basis(entry),
    ]


def _basis(entry: LedgerEntry) -> list[str]:
    """Return how the cost came about: prices, kinds of tokens, and the same in words."""
    basis = Basis.of(entry.basis)
    prices = basis.prices
    return [
        f"{in_usd(prices.input).normalize():f}" if prices else "",
        f"{in_usd(prices.output).normalize():f}" if prices else "",
        str(basis.cache_read_tokens),
        str(basis.cache_write_tokens),
        str(basis.hidden_tokens),
        prices.origin if prices else "",
        prices.listed_on.isoformat() if prices and prices.listed_on else "",
        how_in_words(basis, entry.source, entry.reason),
    ]
