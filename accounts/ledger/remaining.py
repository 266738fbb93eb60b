"""Allowances: what each limit leaves now, for pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.timezone import now

from accounts import money
from accounts.fullness import Fullness, fullness, percent
from accounts.ledger.periods import reset_in_words, span_at
from accounts.ledger.windows import current_windows_for, tallies, with_current_windows
from accounts.models import Period

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from accounts.ledger.windows import Tally
    from accounts.models import Limit, User, Workspace

_WHEN = {Period.DAY: "today", Period.MONTH: "this month", Period.EVER: "in total"}


@dataclass(frozen=True, slots=True)
class Allowance:
    """A limit in its current period. All numbers count the limit's unit."""

    limit: Limit
    used: int
    held: int
    resets_at: datetime | None
    resets: str

    @property
    def label(self) -> str:
        whose = "Your" if self.limit.member_id else "Workspace"
        return f"{whose} {self.unit} {_WHEN[Period(self.limit.period)]}"

    @property
    def unit(self) -> str:
        return self.limit.unit

    @property
    def worth(self) -> str:
        """The dollars of the whole limit; empty for other units than credits, and for zero."""
        return money.worth(self.amount, self.unit)

    @property
    def left_in_words(self) -> str:
        return money.in_words(self.left, self.unit)

    @property
    def amount_in_words(self) -> str:
        return money.in_words(self.amount, self.unit)

    @property
    def used_in_words(self) -> str:
        return money.in_words(self.used, self.unit)

    @property
    def held_in_words(self) -> str:
        return money.in_words(self.held, self.unit)

    @property
    def amount(self) -> int:
        return self.limit.amount

    @property
    def left(self) -> int:
        return max(0, self.amount - self.used - self.held)

    @property
    def share(self) -> float:
        """The used and held share. It is more than 1 if the limit was lowered after the use."""
        return (self.used + self.held) / self.amount if self.amount else 1.0

    @property
    def fraction(self) -> float:
        """The share as a meter shows it, from 0 to 1."""
        return min(1.0, self.share)

    @property
    def share_in_words(self) -> str:
        """The share in whole percent, such as "84 % used". Only a limit that is used up has 100 %."""
        if not self.amount:
            return "Nothing allowed"
        if 0 < self.share < 0.01:
            return "Less than 1 % used"
        used = f"{percent(self.share):,} % used"
        return f"{used}, limit reached" if self.fullness == Fullness.FULL else used

    @property
    def fullness(self) -> Fullness:
        return fullness(self.share)

    @property
    def fullness_in_words(self) -> str:
        """The words beside an amber or a red meter, which must not speak by its colour alone."""
        words = {Fullness.NEAR: self.share_in_words, Fullness.FULL: "limit reached"}
        return words.get(self.fullness, "")


def allowances(workspace: Workspace, user: User) -> list[Allowance]:
    """Return one allowance for each limit that applies to ``user``."""
    at = now()
    return _allowances(current_windows_for(workspace, user, at), at)


def allowances_of(limits: QuerySet[Limit]) -> list[Allowance]:
    at = now()
    return _allowances(with_current_windows(limits, at), at)


def _allowances(limits: Iterable[tuple[Limit, Tally | None]], at: datetime) -> list[Allowance]:
    found = list(limits)
    # The first hold of a period opens its window; before that, the sums are computed.
    computed = tallies([limit for limit, window in found if window is None], at)
    rows = []
    for limit, window in found:
        used, held = window or computed[limit.pk]
        ends_at = span_at(limit.period, at).ends_at
        rows.append(Allowance(limit, used, held, ends_at, reset_in_words(ends_at, at)))
    return rows
