"""Holds that grow with the answers they are for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection, transaction
from django.db.models import BigIntegerField, DateTimeField, F, OuterRef, Q, UUIDField
from django.utils.timezone import now

from accounts.ledger.amounts import Amounts
from accounts.ledger.moving import Added, add_held
from accounts.ledger.periods import Span
from accounts.ledger.reserving import Need, refusal_of, room_of
from accounts.ledger.windows import Current, raised_for
from accounts.models import Hold, HoldPart, LimitWindow, Unit
from accounts.prepared import prepared, prepared_update
from accounts.statements import send

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID

    from django.db.models import QuerySet

    from accounts.exceptions import LimitReached


# The columns of a hold that grow.
_GROWN = ("credits", "tokens", "output_tokens")


class _Scarce(Exception):
    """A window leaves less than was wanted, or another run was faster. The windows have to be locked."""


def extend(run_code: UUID, tokens: int, credits_per_token: Decimal) -> int:
    """Reserve up to ``tokens`` more for a running answer, as many as all its limits leave; return how many.

    An answer whose hold is closed has ended: nothing is reserved, and all are granted.

    :raises LimitReached: a limit leaves none.
    """
    try:
        return _extend(run_code, tokens, credits_per_token)
    except _Scarce:
        return _extend(run_code, tokens, credits_per_token, locks_windows=True)


@transaction.atomic
def _extend(run_code: UUID, tokens: int, credits_per_token: Decimal, *, locks_windows: bool = False) -> int:
    at = now()
    # On SQLite the transaction has locked all.
    has_locks = connection.features.has_select_for_update
    # No window is opened meanwhile that would count the hold as it was.
    locking = [_locked_hold.call(run_code=run_code)] if has_locks else []
    if has_locks and locks_windows:
        send(*locking)
        windows = LimitWindow.objects.filter(parts__hold__run_code=run_code).order_by("limit_id", "pk")
        list(windows.select_for_update(of=("self",)))
    rows = [_Part(*row) for row in send(*locking, _parts.call(run_code=run_code, at=at))[-1]]
    if not rows:
        return tokens
    parts = [row for row in rows if row.part is not None]
    granted = tokens
    for part in parts:
        granted = min(granted, part.grants(credits_per_token, tokens))
        if granted < tokens and has_locks and not locks_windows:
            raise _Scarce
        if granted <= 0:
            raise _refusal(part, tokens, at)
    more = Amounts(math.ceil(granted * credits_per_token), granted, requests=0, output_tokens=granted)
    _book(rows[0].hold, [(part, amount) for part in parts if (amount := more.of(part.unit))], more)
    return granted


def _book(hold: int, growing: list[tuple[_Part, int]], more: Amounts) -> None:
    """Add to a hold, and to its parts and their windows, each only if its limit leaves that much.

    :raises _Scarce: one of them does not any more.
    """
    rooms = [
        Added(amount, part.window, room_of(part.allowed, amount, part.is_soft)) for part, amount in growing
    ]
    changed, *_ = add_held(
        rooms,
        _grow_part.call([{"part": part.part, "more": amount} for part, amount in growing]),
        _grow_hold.call([{"hold": hold, **{name: getattr(more, name) for name in _GROWN}}]),
    )
    if changed != len(rooms):
        raise _Scarce


class _Part(NamedTuple):
    """An open hold with one of its parts; without a limit, it has one row that has no part."""

    hold: int
    part: int | None
    window: int
    unit: str
    is_soft: bool
    amount: int
    raised: int
    used: int
    held: int

    @property
    def allowed(self) -> int:
        return self.amount + self.raised

    def grants(self, credits_per_token: Decimal, tokens: int) -> int:
        """Return how many of the tokens the limit leaves."""
        left = self.allowed - self.used - self.held
        if self.is_soft:
            return tokens
        if self.unit in {Unit.TOKENS, Unit.OUTPUT_TOKENS}:
            return left
        if Unit(self.unit).column == "credits" and credits_per_token:
            return math.floor(left / credits_per_token)
        return tokens


def _refusal(part: _Part, tokens: int, at: datetime) -> LimitReached:
    window = LimitWindow.objects.select_related("limit__member").get(pk=part.window)
    span = Span(window.starts_at, window.ends_at)
    current = Current(window.limit, window.member_id, span, window.pk, raised=part.raised)
    return refusal_of(Need(current, tokens), at)


@prepared(run_code=UUIDField())
def _locked_hold(run_code: Any) -> QuerySet[Hold, Any]:
    return Hold.objects.filter(run_code=run_code).select_for_update().values_list("pk")


@prepared(run_code=UUIDField(), at=DateTimeField())
def _parts(run_code: Any, at: Any) -> QuerySet[Hold, Any]:
    """Return the parts of an open hold in the order in which their windows are locked."""
    of_window, of_limit = "parts__window", "parts__window__limit"
    mine = Q(member=None) | Q(member=OuterRef("user"))
    return (
        Hold.objects.filter(run_code=run_code, state=Hold.State.OPEN)
        .annotate(raised=raised_for(at, mine, f"{of_limit}_id"))
        .order_by(f"{of_limit}_id", f"{of_window}_id")
        .values_list(
            *("pk", "parts__pk", of_window, f"{of_limit}__unit", f"{of_limit}__is_soft"),
            *(f"{of_limit}__amount", "raised", f"{of_window}__used", f"{of_window}__held"),
        )
    )


@prepared_update(hold=BigIntegerField(), **dict.fromkeys(_GROWN, BigIntegerField()))
def _grow_hold(hold: Any, **more: Any) -> tuple[QuerySet[Hold], dict[str, Any]]:
    return Hold.objects.filter(pk=hold), {name: F(name) + amount for name, amount in more.items()}


@prepared_update(part=BigIntegerField(), more=BigIntegerField())
def _grow_part(part: Any, more: Any) -> tuple[QuerySet[HoldPart], dict[str, Any]]:
    return HoldPart.objects.filter(pk=part), {"amount": F("amount") + more}
