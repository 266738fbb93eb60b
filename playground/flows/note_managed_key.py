"""The report of a provider about a key, noted in our row of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.timezone import now

from accounts.models import CappedKey

if TYPE_CHECKING:
    from playground.upstream.managed_keys import ManagedKey


def note_managed_key(capped: CappedKey, found: ManagedKey) -> None:
    CappedKey.objects.filter(pk=capped.pk).update(**facts_of(found))


def facts_of(found: ManagedKey) -> dict[str, Any]:
    """Return the columns of a report."""
    return {
        "name": found.name,
        "cap_usd": found.cap.usd if found.cap else None,
        "period": found.cap.period if found.cap else "",
        "used": found.used,
        "is_disabled": found.is_disabled,
        "is_missing": False,
        "reported_at": now(),
    }


def cap_facts(key: ManagedKey) -> dict[str, object]:
    """Return what the audit log says about a key: its cap and whether it is disabled."""
    cap = f"{key.cap.usd} USD a {key.cap.period}" if key.cap else None
    return {"cap": cap, "disabled": key.is_disabled}
