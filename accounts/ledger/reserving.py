"""Conditional reservations in the windows of limits, and the refusal of what a limit does not leave."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.exceptions import LimitReached
from accounts.ledger.moving import Added, add_held
from accounts.ledger.periods import reset_in_words
from accounts.models import LimitWindow
from accounts.statements import send

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.ledger.windows import Current
    from accounts.statements import Call

# More than any limit: a soft one leaves as much.
_UNBOUNDED = 2**62


@dataclass(frozen=True, slots=True)
class Need:
    """The amount that a run reserves of one limit."""

    of: Current
    amount: int

    @property
    def fits(self) -> bool:
        # A run that needs nothing is admitted even if more was used than the limit allows.
        return not self.amount or self.of.used + self.of.held <= self.room

    @property
    def can_wait(self) -> bool:
        """Whether the limit lets prompts wait, and is large enough for this one alone."""
        return self.of.limit.lets_wait and self.amount <= self.of.allowed

    @property
    def room(self) -> int:
        """The most that may be used and held before the amount is added."""
        return room_of(self.of.allowed, self.amount, self.of.limit.is_soft)

    @property
    def added(self) -> Added:
        return Added(self.amount, self.of.window, self.room)


def room_of(allowed: int, amount: int, is_soft: bool) -> int:
    return _UNBOUNDED if is_soft else allowed - amount


def reserve_all(needs: list[Need], at: datetime, *more: Call) -> None:
    """Add the amounts to the windows, each only if its limit leaves that much, and run ``more`` after it.

    :raises LimitReached: one of them does not; the windows are as before.
    """
    asked = [need for need in needs if need.amount]
    if not all(need.fits for need in needs):
        # The windows may be others by now: they are asked one by one.
        with transaction.atomic():
            if refusing := [need for need in asked if not _reserve(need)]:
                raise _refusal_among(refusing, at)
        send(*more)
        return
    if add_held([need.added for need in asked], *more)[0] != len(asked):
        # A run has settled meanwhile at more than it held, or has extended its hold.
        again = [_read_again(need) for need in asked]
        tightest = min(again, key=lambda need: need.room - need.of.used - need.of.held)
        # The amounts that were added count here, so fitting limits may be among them: in doubt nothing waits.
        others = [need for need in again if need is not tightest and not need.fits]
        refusal = _refusal_among([tightest, *others], at)
        # Some windows have been changed by now, and more is stored. No query is possible from here on.
        transaction.set_rollback(True)
        raise refusal


def _reserve(need: Need) -> bool:
    return bool(add_held([need.added])[0])


def _read_again(need: Need) -> Need:
    used, held = LimitWindow.objects.values_list("used", "held").get(pk=need.of.window)
    return Need(replace(need.of, used=used, held=held), need.amount)


def _refusal_among(refusing: list[Need], at: datetime) -> LimitReached:
    """Name the limit that decides: the first for which nothing waits, or else the one that resets last."""
    lasting = [need for need in refusing if not need.can_wait]
    decides = lasting[0] if lasting else max(refusing, key=lambda need: need.of.span.ends_at or at)
    refusal = refusal_of(decides, at)
    refusal.may_wait = not lasting
    return refusal


def refusal_of(need: Need, at: datetime) -> LimitReached:
    current = _read_again(need).of
    return LimitReached(
        limit=current.limit.label,
        whose=current.limit.whose,
        is_personal=current.limit.is_personal,
        unit=current.limit.unit,
        needed=need.amount,
        left=current.left,
        resets_at=current.span.ends_at,
        resets=reset_in_words(current.span.ends_at, at),
        code=current.limit.code,
    )
