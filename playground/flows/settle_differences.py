"""Decisions about differences between our books and a provider's charges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from accounts import audit, ledger
from accounts.models import AuditAction, ChargeDifference, LedgerEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User, Workspace

# More of them are decided by another click.
MOST_AT_ONCE = 500


def settle_differences(
    workspace: Workspace, found: Iterable[ChargeDifference], *, is_corrected: bool, actor: User
) -> int:
    """Book open differences as the provider charged them, or leave our books as they are.

    :returns: how many were decided. Each is decided once, whoever else does so at the same moment.
    """
    settled = sum(_settle(workspace, each.pk, is_corrected, actor) for each in list(found)[:MOST_AT_ONCE])
    if settled:
        audit.record(
            workspace,
            AuditAction.SETTLE_DIFFERENCES,
            actor=actor,
            after={"requests": settled, "corrected": is_corrected},
        )
    return settled


@transaction.atomic
def _settle(workspace: Workspace, pk: int, is_corrected: bool, actor: User) -> bool:
    workspace.lock()
    state = ChargeDifference.Decision
    difference = ChargeDifference.objects.select_for_update().filter(pk=pk, state=state.OPEN).first()
    if difference is None:
        return False
    if is_corrected:
        _book(workspace, difference, actor)
    difference.state = state.CORRECTED if is_corrected else state.DISMISSED
    difference.decided_by, difference.decided_at = actor, now()
    difference.save(update_fields=["state", "decided_by", "decided_at"])
    return True


def _book(workspace: Workspace, difference: ChargeDifference, actor: User) -> None:
    credits, usd = difference.charged_credits, difference.charged_usd
    read, written = difference.charged_input_tokens, difference.charged_output_tokens
    if difference.kind == ChargeDifference.Kind.UNKNOWN:
        ledger.book_outside(
            workspace,
            difference.inference_id,
            at=difference.at,
            provider_code=difference.provider_code,
            model_id=difference.model_id,
            key_code=difference.key_code,
            credits=credits,
            usd=usd,
            input_tokens=read,
            output_tokens=written,
            actor=actor,
        )
        return
    entry = LedgerEntry.objects.get(workspace=workspace, run_code=str(difference.run_code), number=0)
    is_missing = difference.kind == ChargeDifference.Kind.MISSING
    said = "The provider lists no charge for it" if is_missing else "The provider charged this"
    ledger.correct(
        entry,
        credits=credits,
        usd=usd,
        # A provider may bill something else than tokens, and count none.
        input_tokens=read or None,
        output_tokens=written or None,
        reason=f"{said} (request {difference.inference_id or difference.run_code})",
        actor=actor,
    )
