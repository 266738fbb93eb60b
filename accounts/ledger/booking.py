"""Holds of runs: taken, settled into ledger entries, and released."""

from __future__ import annotations

from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

from django.db import connection, transaction
from django.db.models import CharField, DateTimeField, UUIDField
from django.utils.timezone import now

from accounts.inserting import inserting
from accounts.ledger import day_sums
from accounts.ledger.amounts import Amounts
from accounts.ledger.moving import Freed, free, parts_of_hold
from accounts.ledger.reserving import Need, reserve_all
from accounts.ledger.room import Room
from accounts.ledger.target import Target
from accounts.ledger.thresholds import Progress, announce
from accounts.ledger.windows import open_windows
from accounts.models import Hold, LedgerEntry, LimitWindow
from accounts.plans import current_connection
from accounts.prepared import prepared, prepared_update
from accounts.statements import send

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID

    from django.db.models import QuerySet

    from accounts.ledger.windows import Current
    from accounts.models import User, Workspace
    from accounts.statements import Call

P = ParamSpec("P")
T = TypeVar("T")


def _joining(work: Callable[P, T]) -> Callable[P, T]:
    """Run in the caller's transaction, or else in one of its own.

    What fails undoes nothing by itself: the caller's transaction is undone.
    """

    @wraps(work)
    def joined(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return work(*args, **kwargs)
        with transaction.atomic():
            return work(*args, **kwargs)

    return joined


@_joining
def hold(
    run_code: UUID,
    workspace: Workspace,
    user: User,
    estimate: Amounts | Callable[[Room], Amounts],
    target: Target | None = None,
) -> Hold:
    """Reserve ``estimate`` for a run against every limit that applies, within the caller's transaction.

    A function decides on it from the room that the limits leave.

    :raises LimitReached: a limit leaves less; nothing is stored.
    """
    at = now()
    target = target or Target()
    # This locks the workspace, which admits one hold at a time: no limit appears in between, and no two
    # callers open the same window.
    found = open_windows(workspace, user, target, at)
    if not isinstance(estimate, Amounts):
        found, estimate = _sized(estimate, found)
    asked = replace(estimate, concurrent=1)
    needs = [Need(each, asked.of(each.limit.unit)) for each in found]
    taken = Hold(
        run_code=run_code,
        workspace=workspace,
        user=user,
        credits=estimate.credits,
        tokens=estimate.tokens,
        input_tokens=estimate.input_tokens,
        output_tokens=estimate.output_tokens,
        requests=estimate.requests,
        provider_code=target.provider_code,
        model_id=target.model_id,
        key_code=target.key_code,
        created_at=at,
    )
    code = Hold._meta.get_field("run_code").get_db_prep_value(run_code, current_connection())
    reserve_all(needs, at, inserting(taken), parts_of_hold(code, [need.added for need in needs]))
    return taken


def _sized(size: Callable[[Room], Amounts], found: list[Current]) -> tuple[list[Current], Amounts]:
    """Return what to reserve. Where that is much of what is left, the windows are locked and read again.

    On SQLite they are locked anyway.
    """
    estimate = size(_room(found))
    is_tight = any(each.rest < 4 * estimate.of(each.limit.unit) for each in found)
    if not is_tight or not connection.features.has_select_for_update:
        return found, estimate
    windows = LimitWindow.objects.select_for_update().filter(pk__in=[each.window for each in found])
    locked = {window.pk: window for window in windows.order_by("limit_id", "pk")}
    found = [replace(each, used=locked[each.window].used, held=locked[each.window].held) for each in found]
    return found, size(_room(found))


def _room(found: list[Current]) -> Room:
    return Room(tuple((each.limit.unit, each.rest) for each in found if not each.limit.is_soft))


@_joining
def settle(
    run_code: UUID,
    actual: Amounts,
    *,
    source: str,
    provider_code: str,
    model_id: str,
    usd: Decimal | None = None,
    input_tokens: int = 0,
    output_tokens: int = 0,
    **noted: Any,
) -> LedgerEntry | None:
    """Close a hold and record what the run cost, which may exceed the hold.

    :param noted: further columns of the entry.
    :returns: the entry, or None if the hold is closed already or does not exist.
    """
    held = _close(run_code, Hold.State.SETTLED)
    if held is None:
        return None
    counted = replace(actual, input_tokens=input_tokens, output_tokens=output_tokens)
    closed = held[0]
    entry = LedgerEntry(
        run_code=run_code,
        workspace_id=closed.workspace,
        user_id=closed.user,
        provider_code=provider_code,
        model_id=model_id,
        key_code=closed.key_code,
        credits=actual.credits,
        tokens=actual.tokens,
        requests=actual.requests,
        usd=None if usd is None else day_sums.rounded(usd),
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        source=source,
        **noted,
        held_at=closed.created_at,
    )
    _free(held, counted, inserting(entry), day_sums.adding(entry))
    _announce_crossed(held, counted)
    return entry


@_joining
def release(run_code: UUID) -> bool:
    """Close a hold of a run that cost nothing; return False if it is closed already."""
    held = _close(run_code, Hold.State.RELEASED)
    if held is None:
        return False
    _free(held, Amounts(0, 0, 0))
    return True


class _Held(NamedTuple):
    """A hold with one of its parts; without a limit, it has one row that has no part."""

    workspace: int
    user: int | None
    key_code: str
    created_at: datetime
    window: int | None
    amount: int
    unit: str
    used: int
    held: int
    notified: int
    allowed: int
    thresholds: list[int]

    def may_cross(self, actual: Amounts) -> bool:
        """Tell whether the window may have crossed a threshold once the run has used ``actual``."""
        used = self.used + self.held - self.amount + actual.of(self.unit)
        return Progress(used, self.allowed, self.thresholds, self.notified).crossed > 0


def _close(run_code: UUID, state: Hold.State) -> list[_Held] | None:
    """Move an open hold to ``state`` and return it, or None if it is closed already.

    The update is conditional, so exactly one caller closes a hold.
    """
    closing = _close_open.call([{"run_code": run_code, "state": state, "closed_at": now()}])
    closed, rows = send(closing, _parts.call(run_code=run_code))
    return [_Held(*row) for row in rows] if closed else None


def _free(held: list[_Held], actual: Amounts, *more: Call) -> None:
    """Replace what a hold reserves in its windows by what the run has used, and run ``more`` after it."""
    parts = [
        Freed(part.amount, actual.of(part.unit), part.window) for part in held if part.window is not None
    ]
    free(parts, *more)


def _announce_crossed(held: list[_Held], actual: Amounts) -> None:
    # The figures were read before the update. What others held then counts too, as they may have settled.
    if crossing := [part.window for part in held if part.window and part.may_cross(actual)]:
        announce(crossing)


@prepared_update(run_code=UUIDField(), state=CharField(), closed_at=DateTimeField())
def _close_open(run_code: Any, **closed: Any) -> tuple[QuerySet[Hold], dict[str, Any]]:
    return Hold.objects.filter(run_code=run_code, state=Hold.State.OPEN), closed


@prepared(run_code=UUIDField())
def _parts(run_code: Any) -> QuerySet[Hold, Any]:
    """Return the parts of a hold in the order in which their windows are locked."""
    of_limit = "parts__window__limit"
    return (
        Hold.objects.filter(run_code=run_code)
        .order_by(f"{of_limit}_id", "parts__window_id")
        .values_list(
            *("workspace", "user", "key_code", "created_at"),
            *("parts__window", "parts__amount", f"{of_limit}__unit"),
            *("parts__window__used", "parts__window__held", "parts__window__notified"),
            *(f"{of_limit}__amount", f"{of_limit}__notify_at"),
        )
    )
