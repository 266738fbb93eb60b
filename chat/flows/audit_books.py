from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from accounts import ledger
from accounts.models import Hold
from chat.models import Run

if TYPE_CHECKING:
    from collections.abc import Iterator


def audit_books() -> list[str]:
    """Compare the ledger with itself and with the runs; return one line per disagreement."""
    return [*ledger.audit(), *_holds_without_a_run(), *_runs_without_a_hold()]


def _holds_without_a_run() -> Iterator[str]:
    # A run and its hold begin and end in one transaction, so one statement sees both or neither.
    live = Run.objects.filter(code=OuterRef("run_code"), status__in=Run.LIVE)
    held = Hold.objects.filter(state=Hold.State.OPEN).exclude(Exists(live))
    for code, created_at in held.values_list("run_code", "created_at"):
        yield f"run {code}: held since {created_at:%Y-%m-%d %H:%M} UTC, but the run has ended or is deleted"


def _runs_without_a_hold() -> Iterator[str]:
    held = Hold.objects.filter(run_code=OuterRef("code"), state=Hold.State.OPEN)
    live = Run.objects.filter(status__in=Run.LIVE).exclude(Exists(held))
    for code, status in live.values_list("code", "status"):
        yield f"run {code}: is {status}, but nothing is held for it"
