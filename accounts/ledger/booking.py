"""Holds of runs: taken, settled into ledger entries, and released."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from accounts.exceptions import LimitReached
from accounts.ledger import day_sums
from accounts.ledger.periods import reset_in_words, span_at
from accounts.ledger.windows import limits_for, open_windows
from accounts.models import Hold, HoldPart, LedgerEntry, Limit, LimitWindow, Unit

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID

    from accounts.models import User, Workspace


@dataclass(frozen=True, slots=True)
class Amounts:
    """A run's estimate, or its actual use, in each unit that a limit can count."""

    credits: int
    tokens: int
    requests: int = 1

    def of(self, unit: str) -> int:
        return {Unit.CREDITS: self.credits, Unit.TOKENS: self.tokens, Unit.REQUESTS: self.requests}[
            Unit(unit)
        ]


@transaction.atomic
def hold(run_code: UUID, workspace: Workspace, user: User, estimate: Amounts) -> Hold:
    """Reserve ``estimate`` for a run against every limit that applies, within the caller's transaction.

    :raises LimitReached: a limit leaves less; nothing is stored.
    """
    # The lock admits one hold at a time per workspace. No limit appears in between, and no two callers
    # open the same window.
    workspace.lock()
    at = now()
    limits = list(limits_for(workspace, user))
    windows = open_windows(limits, at)
    taken = Hold.objects.create(
        run_code=run_code,
        workspace=workspace,
        user=user,
        credits=estimate.credits,
        tokens=estimate.tokens,
        requests=estimate.requests,
        created_at=at,
    )
    for limit in limits:
        needed = estimate.of(limit.unit)
        if not _reserve(windows[limit.pk], limit.amount, needed):
            raise _refusal(limit, windows[limit.pk], needed, at)
    HoldPart.objects.bulk_create(
        HoldPart(hold=taken, window=windows[limit.pk], amount=estimate.of(limit.unit)) for limit in limits
    )
    return taken


def _reserve(window: LimitWindow, amount: int, needed: int) -> bool:
    # A run that needs nothing is admitted even if more was used than the limit allows.
    if not needed:
        return True
    room = LimitWindow.objects.filter(pk=window.pk, used__lte=amount - needed - F("held"))
    return bool(room.update(held=F("held") + needed))


def _refusal(limit: Limit, window: LimitWindow, needed: int, at: datetime) -> LimitReached:
    window.refresh_from_db()
    resets_at = span_at(limit.period, at).ends_at
    return LimitReached(
        limit=limit.label,
        is_personal=limit.member_id is not None,
        unit=limit.unit,
        needed=needed,
        left=max(0, limit.amount - window.used - window.held),
        resets_at=resets_at,
        resets=reset_in_words(resets_at, at),
    )


@transaction.atomic
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
    purpose: str = "",
) -> LedgerEntry | None:
    """Close a hold and record what the run cost, which may exceed the hold.

    :returns: the entry, or None if the hold is closed already or does not exist.
    """
    held = _close(run_code, Hold.State.SETTLED)
    if held is None:
        return None
    for part in _parts(held):
        LimitWindow.objects.filter(pk=part.window_id).update(
            held=F("held") - part.amount, used=F("used") + actual.of(part.window.limit.unit)
        )
    entry = LedgerEntry.objects.create(
        run_code=run_code,
        workspace_id=held.workspace_id,
        user_id=held.user_id,
        provider_code=provider_code,
        model_id=model_id,
        credits=actual.credits,
        tokens=actual.tokens,
        requests=actual.requests,
        usd=None if usd is None else day_sums.rounded(usd),
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        source=source,
        purpose=purpose,
        held_at=held.created_at,
    )
    day_sums.add(entry)
    return entry


@transaction.atomic
def release(run_code: UUID) -> bool:
    """Close a hold of a run that cost nothing; return False if it is closed already."""
    held = _close(run_code, Hold.State.RELEASED)
    if held is None:
        return False
    for part in _parts(held):
        LimitWindow.objects.filter(pk=part.window_id).update(held=F("held") - part.amount)
    return True


def _close(run_code: UUID, state: Hold.State) -> Hold | None:
    """Move an open hold to ``state`` and return it, or None if it is closed already.

    The update is conditional, so exactly one caller closes a hold.
    """
    found = Hold.objects.filter(run_code=run_code, state=Hold.State.OPEN)
    if not found.update(state=state, closed_at=now()):
        return None
    return Hold.objects.get(run_code=run_code)


def _parts(held: Hold) -> list[HoldPart]:
    parts = HoldPart.objects.filter(hold=held).select_related("window__limit")
    return list(parts.order_by("window__limit_id", "window_id"))
