"""The balance behind a provider key: what the provider said last, and whether that is low.

``ApiKey.balance`` holds ``credits``, and as far as the provider says so ``is_low``, ``low_threshold``
(credits), ``auto_top_up`` (bool), ``status``, ``explanation`` and ``updated_at`` (the provider's own time).
"""

from __future__ import annotations

from typing import Any

from django.utils.timezone import now

from accounts.models import ApiKey, Workspace


def is_low(key: ApiKey) -> bool:
    """Return whether the last known balance is below the threshold set here, else below the provider's."""
    if not key.balance:
        return False
    if key.low_threshold is not None:
        return bool(key.balance["credits"] < key.low_threshold)
    return bool(key.balance.get("is_low"))


def store_balance(key: ApiKey, balance: dict[str, Any]) -> None:
    """Keep what the provider said about the account of a key. A key that was deleted stays deleted."""
    key.balance, key.balance_at = balance, now()
    ApiKey.objects.filter(pk=key.pk).update(balance=balance, balance_at=key.balance_at)
    note_low(key.workspace_id)


def note_low(workspace_id: int) -> None:
    """Write down which shared keys are low, so that every page can say so without a query."""
    shared = ApiKey.objects.filter(workspace=workspace_id, member=None).order_by("provider_code")
    low = list(dict.fromkeys(key.provider_code for key in shared if key.is_enabled and is_low(key)))
    Workspace.objects.filter(pk=workspace_id).update(low_keys=low)
