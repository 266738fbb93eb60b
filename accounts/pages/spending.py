"""The members with their spending, as the page lists them: searched, sorted, in pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django.core.paginator import Paginator

from accounts.pages.filters import ListFilters

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from django.core.paginator import Page

    from accounts.ledger import Spent

PER_PAGE = 25
GONE = "Former member"


@dataclass(frozen=True, slots=True)
class SpendingFilters(ListFilters):
    """Filters and order of the list of people. ``range``, ``first`` and ``last`` are those of the report."""

    SORTS: ClassVar = {"": "Most spent", "tokens": "Most tokens", "runs": "Most runs", "name": "By name"}

    sort: str = ""
    range: str = ""
    first: str = ""
    last: str = ""

    def fit(self, row: Spent) -> bool:
        return self.finds(row.what.display_name, row.what.email) if row.what else self.finds(GONE)


_ORDERS: dict[str, Callable[[Spent], Any]] = {
    "tokens": lambda row: -row.tokens,
    "runs": lambda row: -row.runs,
    "name": lambda row: row.what.display_name.casefold() if row.what else GONE.casefold(),
}


def spending_page(by_member: list[Spent], filters: SpendingFilters) -> Page[Spent]:
    """Return the page of people that the filters ask for; the rows come with the largest spender first."""
    found = list(filter(filters.fit, by_member))
    if filters.sort in _ORDERS:
        found.sort(key=_ORDERS[filters.sort])
    return Paginator(found, PER_PAGE).get_page(filters.page or 1)
