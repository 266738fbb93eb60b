from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit, ledger, money
from accounts.models import AuditAction

if TYPE_CHECKING:
    from decimal import Decimal

    from accounts.models import LedgerEntry, User


@transaction.atomic
def correct_run(entry: LedgerEntry, usd: Decimal, reason: str, *, actor: User) -> bool:
    """Charge a run this cost in total; return False if that is its cost already."""
    credits = money.in_credits(usd)
    if ledger.correct(entry, credits=credits, usd=usd, reason=reason, actor=actor) is None:
        return False
    audit.record(
        entry.workspace_id,
        AuditAction.CORRECT_RUN,
        actor=actor,
        subject=entry.run_code,
        code=entry.run_code,
        after={"usd": usd, "reason": reason},
    )
    return True
