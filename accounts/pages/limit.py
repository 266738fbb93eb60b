"""A limit on a page of its own: what it means, who has used how much of it, and who is exempt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from accounts import ledger
from accounts.fullness import percent
from accounts.limit_words import in_words
from accounts.models import LimitExemption

if TYPE_CHECKING:
    from accounts.ledger import Allowance, Rate
    from accounts.models import Limit

# The people with the largest shares are those whom an admin looks for.
_MOST = 20


@dataclass(frozen=True, slots=True)
class LimitPage:
    limit: Limit
    sentence: str
    # There is one, or for a limit that counts each person those with the largest shares.
    allowances: list[Allowance]
    # The number of people who have used something of it and are not shown.
    more: int
    exemptions: list[LimitExemption]


def limit_page(limit: Limit) -> LimitPage:
    found = ledger.allowances_under(limit)
    shown, rates = found[:_MOST], ledger.rates(limit, found[:_MOST])
    exemptions = LimitExemption.objects.filter(limit=limit).select_related("member", "group")
    return LimitPage(
        limit,
        in_words(limit),
        [
            replace(each, remark=_at_this_rate(rates.get(each.person.pk if each.person else None)))
            for each in shown
        ],
        max(0, len(found) - _MOST),
        list(exemptions.order_by("pk")),
    )


def _at_this_rate(rate: Rate | None) -> str:
    """Say where a limit will be at its end, at the rate of the days before; empty if too little is known."""
    if rate is None:
        return ""
    if rate.used_up_on is not None:
        return f"At this rate it is used up on {rate.used_up_on.day} {rate.used_up_on:%B}."
    return f"At this rate {percent(rate.share)} % is used by {rate.until.day} {rate.until:%B}."
