"""Entries of requests that a provider charged and that were not sent from here."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils.timezone import now

from accounts.ledger import day_sums
from accounts.ledger.amounts import Amounts
from accounts.ledger.correcting import AMOUNTS, move_windows
from accounts.models import Hold, LedgerEntry

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from accounts.models import User, Workspace


@transaction.atomic
def book_outside(
    workspace: Workspace,
    reference: str,
    *,
    at: datetime,
    provider_code: str,
    model_id: str,
    key_code: str,
    credits: int,
    usd: Decimal,
    input_tokens: int,
    output_tokens: int,
    actor: User | None,
) -> LedgerEntry | None:
    """Book a request that was charged and not sent from here, under nobody's name.

    :param reference: the provider's id of the request. It is booked once; another time returns None.
    """
    workspace.lock()
    code = uuid5(NAMESPACE_URL, f"{workspace.pk} {provider_code} {reference}")
    if LedgerEntry.objects.filter(run_code=code).exists():
        return None
    amounts = Amounts(credits, input_tokens + output_tokens, 1, input_tokens, output_tokens)
    counted = {name: getattr(amounts, name) for name in AMOUNTS}
    to = {"workspace": workspace, "provider_code": provider_code, "model_id": model_id, "key_code": key_code}
    settled = {"state": Hold.State.SETTLED, "created_at": at, "closed_at": now()}
    hold = Hold.objects.create(run_code=code, **to, **counted, **settled)
    entry = LedgerEntry(
        run_code=code,
        **to,
        **counted,
        usd=day_sums.rounded(usd),
        source=LedgerEntry.Source.REPORTED,
        purpose=LedgerEntry.Purpose.OUTSIDE,
        inference_id=reference,
        corrected_by=actor,
        held_at=at,
    )
    move_windows(hold, entry, amounts)
    entry.save()
    day_sums.add(entry)
    return entry
