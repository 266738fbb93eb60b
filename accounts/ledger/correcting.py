from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, Q

from accounts.ledger.amounts import Amounts
from accounts.ledger.tallies import subjects
from accounts.models import Hold, HoldPart, LedgerEntry, LimitWindow

if TYPE_CHECKING:
    from collections.abc import Iterator


AMOUNTS = ("credits", "tokens", "input_tokens", "output_tokens", "requests")


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
