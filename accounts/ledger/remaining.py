"""Allowances: what each limit leaves now, for pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.timezone import now

from accounts import money
from accounts.fullness import Fullness, fullness, percent
from accounts.ledger.periods import use_ends
from accounts.ledger.windows import computed, current_for, current_of, fullest_of_each, people_under
from accounts.models import Limit, Period, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from accounts.ledger.target import Target
    from accounts.ledger.windows import Current
    from accounts.models import User, Workspace

_WHEN = {
    Period.MINUTE: "this minute",
    Period.HOUR: "this hour",
    Period.DAY: "today",
    Period.WEEK: "this week",
    Period.MONTH: "this month",
    Period.EVER: "in total",
}


@dataclass(frozen=True, slots=True)
class Allowance:
    """A limit in its current period. All numbers count the limit's unit.

    ``amount`` is what is allowed now, with what was added for a while. ``person`` is whose use is counted,
    for a limit that counts each person. ``resets`` follows a subject.
    """

    limit: Limit
    amount: int
    used: int
    held: int
    resets_at: datetime | None
    resets: str
    person: User | None = None
    # A sentence of the page about it; empty for none.
    remark: str = ""

    @property
    def label(self) -> str:
        limit, unit = self.limit, Unit(self.unit)
        whose = limit.whose.removeprefix("The ").removesuffix("'s").capitalize()
        if unit == Unit.CONCURRENT:
            return f"{whose} requests running now{limit.of_what}"
        return f"{whose} {unit.label} {_WHEN[Period(limit.period)]}{limit.of_what}"

    @property
    def raised(self) -> int:
        return self.amount - self.limit.amount

    @property
    def raised_in_words(self) -> str:
        return money.in_words(self.raised, self.unit)

    @property
    def amount_to_edit(self) -> str:
        """The limit's own amount as people write it: dollars for the unit ``usd``."""
        return money.written(self.limit.amount, self.unit)

    @property
    def unit_in_words(self) -> str:
        """The unit with the period, to follow an amount: "US dollars per day"."""
        unit = Unit(self.unit)
        return unit.label if unit == Unit.CONCURRENT else f"{unit.label} {self.limit.get_period_display()}"

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


def allowances(workspace: Workspace, user: User, target: Target | None = None) -> list[Allowance]:
    """Return one allowance for each limit that applies to ``user``, or to a run of theirs that goes there."""
    at = now()
    found = current_for(workspace, user, at)
    return _allowances([each for each in found if target is None or target.is_under(each.limit)], at)


def allowances_of(workspace: Workspace, limits: QuerySet[Limit]) -> list[Allowance]:
    """Return one allowance for each of a workspace's limits.

    A limit that counts each person shows the one who has used the largest share.
    """
    at = now()
    return _allowances(fullest_of_each(current_of(workspace, limits, at)), at)


def allowances_under(limit: Limit) -> list[Allowance]:
    """Return the allowances of a limit: one, or one for each person who has used of it, the fullest first."""
    at = now()
    found = people_under(limit, at)
    if found is None:
        return _allowances(current_of(limit.workspace, Limit.objects.filter(pk=limit.pk), at), at)
    return sorted(_allowances(found, at), key=lambda row: row.share, reverse=True)


def _allowances(currents: Iterable[Current], at: datetime) -> list[Allowance]:
    # The first hold of a period opens its window; before that, the sums are computed.
    return [
        Allowance(
            each.limit,
            each.allowed,
            each.used,
            each.held,
            each.span.ends_at,
            use_ends(each.limit.unit, each.span.ends_at, at),
            each.person,
        )
        for each in computed(list(currents))
    ]
