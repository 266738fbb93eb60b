"""Limits of one batch of runs, such as those of an experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from accounts.ledger.periods import span_in
from accounts.models import Limit, LimitWindow, Period, Unit

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User, Workspace


@transaction.atomic
def cap_batch(workspace: Workspace, batch: UUID, credits: int, *, actor: User) -> Limit:
    """Limit what the runs of a batch may cost together, or change that limit. Nobody is told when it is near.

    Call it before the first run of the batch: its window begins with nothing.
    """
    workspace.lock()
    limit = Limit.objects.filter(workspace=workspace, batch=batch).first()
    if limit is not None:
        limit.amount = credits
        limit.save(update_fields=["amount"])
        return limit
    limit = Limit.objects.create(
        workspace=workspace,
        batch=batch,
        unit=Unit.USD,
        period=Period.EVER,
        amount=credits,
        notify_at=[],
        created_by=actor,
    )
    span = span_in(workspace, Period.EVER, now())
    LimitWindow.objects.create(limit=limit, starts_at=span.starts_at, ends_at=span.ends_at, opened_with=0)
    return limit
