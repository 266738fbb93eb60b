"""Limits that can never be reached, because another one that counts the same runs is stricter. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.models import Period, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import Limit

_HOURS_OF_DAY, _DAYS_OF_MONTH = 25, 31
# The most periods of the second kind that one of the first has a part in. A day may have 25 hours, and a week
# may be in two months.
_PARTS = {
    (Period.HOUR, Period.MINUTE): 60,
    (Period.DAY, Period.MINUTE): _HOURS_OF_DAY * 60,
    (Period.DAY, Period.HOUR): _HOURS_OF_DAY,
    (Period.WEEK, Period.MINUTE): 7 * _HOURS_OF_DAY * 60,
    (Period.WEEK, Period.HOUR): 7 * _HOURS_OF_DAY,
    (Period.WEEK, Period.DAY): 7,
    (Period.WEEK, Period.MONTH): 2,
    (Period.MONTH, Period.MINUTE): _DAYS_OF_MONTH * _HOURS_OF_DAY * 60,
    (Period.MONTH, Period.HOUR): _DAYS_OF_MONTH * _HOURS_OF_DAY,
    (Period.MONTH, Period.DAY): _DAYS_OF_MONTH,
    (Period.MONTH, Period.WEEK): 6,
}
_LENGTHS = list(Period)


@dataclass(frozen=True, slots=True)
class Allowed:
    """A limit with the amount that it allows at the moment."""

    limit: Limit
    amount: int


def remark_on(one: Allowed, others: Iterable[Allowed]) -> str:
    """Say which other limit counts, if this one can never be reached; else return an empty text."""
    found = [each for each in others if each.limit is not one.limit and is_stricter(each, one)]
    if not found:
        return ""
    limit = min(found, key=lambda each: (_LENGTHS.index(Period(each.limit.period)), each.amount)).limit
    return f"Never reached: the limit of {limit.label} ({limit.who}) is stricter, so that one counts."


def remark_on_new(new: Allowed, others: Iterable[Allowed]) -> str:
    """Say the same of a new limit or amount, or else which of the others is never reached because of it."""
    others = list(others)
    if remark := remark_on(new, others):
        return remark
    useless = [each.limit for each in others if is_stricter(new, each)]
    if not useless:
        return ""
    more = f" and {len(useless) - 1} more" if len(useless) > 1 else ""
    return (
        f"This is stricter than the limit of {useless[0].label} ({useless[0].who}){more}, so this one counts."
    )


def is_stricter(strict: Allowed, other: Allowed) -> bool:
    """Tell whether the runs that ``strict`` admits can never use up ``other``.

    Whoever is exempt from the strict one could.
    """
    one, two = strict.limit, other.limit
    if one.is_soft or one.has_exempted or _counted(one) != _counted(two):
        return False
    if one.provider_code not in ("", two.provider_code) or one.model_pattern not in ("", two.model_pattern):
        return False
    parts = _parts(Period(two.period), Period(one.period))
    return parts is not None and _counts_all(one, two) and strict.amount * parts < other.amount


def _counted(limit: Limit) -> str:
    # Dollars are counted as credits.
    return Unit(limit.unit).column or limit.unit


def _parts(period: Period, of: Period) -> int | None:
    """Return how many periods ``of`` a kind one period has a part in, at most; None if there is no bound."""
    if period == of or (_LENGTHS.index(of) > _LENGTHS.index(period) and (period, of) not in _PARTS):
        return 1
    return _PARTS.get((period, of))


def _counts_all(strict: Limit, other: Limit) -> bool:
    """Tell whether the strict limit counts all that the other one counts in one of its amounts."""
    is_for_all = not any((strict.member_id, strict.group_id, strict.role, strict.api_key_id))
    names = ("member_id", "group_id", "role", "api_key_id")
    is_for_same = all(getattr(strict, name) == getattr(other, name) for name in names)
    if not is_for_all and not is_for_same:
        return False
    return not strict.counts_each or other.is_personal
