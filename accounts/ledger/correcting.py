"""Corrections of ledger entries, as entries of their own.

An entry never changes. A correction has the run's code and the next number, and holds the difference: its
amounts may be negative. It counts where the run counted: in the same windows, and in the sum of the same day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Max, Q, Sum
from django.db.models.functions import Coalesce

from accounts import money
from accounts.ledger import day_sums
from accounts.ledger.amounts import Amounts
from accounts.ledger.tallies import subjects
from accounts.models import Hold, HoldPart, LedgerEntry, LimitWindow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from accounts.models import User

AMOUNTS = ("credits", "tokens", "input_tokens", "output_tokens", "requests")
# A correction is of the same person, model and moment.
_COPIED = ("workspace_id", "user_id", "provider_code", "model_id", "key_code", "purpose", "held_at")
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Charged:
    """The charge of a run after all corrections. ``usd`` is the reported cost, else that of its credits."""

    credits: int
    input_tokens: int
    output_tokens: int
    usd: Decimal


def charged(entry: LedgerEntry) -> Charged:
    """Return what the run of an entry is charged by now."""
    entries = LedgerEntry.objects.filter(run_code=entry.run_code)
    of_credits = Sum("credits", filter=Q(usd=None))
    found = entries.aggregate(
        *(Sum(name) for name in ("credits", "input_tokens", "output_tokens")),
        without_usd=Coalesce(of_credits, 0),
    )
    reported = sum((usd for usd in entries.values_list("usd", flat=True) if usd is not None), money.in_usd(0))
    return Charged(
        credits=int(found["credits__sum"]),
        input_tokens=int(found["input_tokens__sum"]),
        output_tokens=int(found["output_tokens__sum"]),
        usd=reported + money.in_usd(int(found["without_usd"])),
    )


@transaction.atomic
def correct(
    entry: LedgerEntry,
    *,
    credits: int,
    usd: Decimal | None = None,
    input_tokens: int | None = None,
    output_tokens: int | None = None,
    reason: str,
    actor: User | None,
) -> LedgerEntry | None:
    """Charge a run these amounts in total instead; return the entry of the difference, or None without one.

    :param usd: the cost in dollars; without it, that of the credits.
    :param input_tokens, output_tokens: None leaves them as they are.
    :raises ValueError: an amount is negative.
    """
    # No window is opened meanwhile from sums that lack the correction, and no other one is made.
    entry.workspace.lock()
    hold = Hold.objects.select_for_update().get(run_code=entry.run_code)
    before = charged(entry)
    wanted = Charged(
        credits,
        before.input_tokens if input_tokens is None else input_tokens,
        before.output_tokens if output_tokens is None else output_tokens,
        day_sums.rounded(money.in_usd(credits) if usd is None else usd),
    )
    if min(wanted.credits, wanted.input_tokens, wanted.output_tokens) < 0 or wanted.usd < 0:
        raise ValueError("A run cannot be charged less than nothing.")
    more, more_usd = _difference(before, wanted)
    if not any((more.credits, more.input_tokens, more.output_tokens, more_usd)):
        return None
    move_windows(hold, entry, more)
    last = LedgerEntry.objects.filter(run_code=entry.run_code).aggregate(last=Max("number"))["last"]
    correction = LedgerEntry.objects.create(
        run_code=entry.run_code,
        number=last + 1,
        **{name: getattr(more, name) for name in AMOUNTS},
        usd=more_usd,
        source=LedgerEntry.Source.CORRECTION,
        reason=reason[:_LONGEST_REASON],
        corrected_by=actor,
        **{name: getattr(entry, name) for name in _COPIED},
    )
    day_sums.add(correction, ends_estimate=last == 0 and _is_estimated(entry))
    return correction


def _is_estimated(entry: LedgerEntry) -> bool:
    own = LedgerEntry.objects.filter(run_code=entry.run_code, number=0)
    return own.filter(source=LedgerEntry.Source.ESTIMATED).exists()


def _difference(before: Charged, wanted: Charged) -> tuple[Amounts, Decimal]:
    """Return what is to be added, in tokens and credits and in dollars."""
    read = wanted.input_tokens - before.input_tokens
    written = wanted.output_tokens - before.output_tokens
    more = Amounts(wanted.credits - before.credits, read + written, 0, read, written)
    return more, day_sums.rounded(wanted.usd - before.usd)


def move_windows(hold: Hold, entry: LedgerEntry, more: Amounts) -> None:
    """Add the difference to each window that has counted the run."""
    for window, is_opened_later in _windows(hold, entry):
        if amount := more.of(window.limit.unit):
            changed: dict[str, Any] = {"used": F("used") + amount}
            if is_opened_later and window.opened_with is not None:
                changed["opened_with"] = F("opened_with") + amount
            LimitWindow.objects.filter(pk=window.pk).update(**changed)


def _windows(hold: Hold, entry: LedgerEntry) -> Iterator[tuple[LimitWindow, bool]]:
    """Yield the windows with the run, in the order of locks, and whether it ended before they were opened."""
    parts = set(HoldPart.objects.filter(hold=hold).values_list("window", flat=True))
    at = entry.held_at
    later = Q(limit__workspace=entry.workspace_id, starts_at__lte=at) & (Q(ends_at=None) | Q(ends_at__gt=at))
    windows = LimitWindow.objects.filter(later | Q(pk__in=parts)).select_for_update(of=("self",))
    row = {name: getattr(entry, name) for name in ("provider_code", "model_id", "key_code")}
    found = list(windows.select_related("limit__api_key").order_by("limit_id", "pk"))
    counting = subjects([window.limit for window in found], [window.member_id for window in found])
    for window, subject in zip(found, counting, strict=True):
        if window.pk in parts:
            yield window, False
        elif subject.counts({"user": entry.user_id, **row}):
            yield window, True
