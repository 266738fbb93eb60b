from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.dateparse import parse_datetime

from accounts import balances, money
from playground.models import Provider

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import ApiKey


_TOP_UPS = {"True": "on", "False": "off"}


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as its page shows it. Texts are ready to show; an empty one is not known."""

    row: ApiKey
    # False if the provider has no address where a balance could be asked.
    has_balance: bool
    left: str = ""
    credits: str = ""
    is_low: bool = False
    status: str = ""
    provider_threshold: str = ""
    auto_top_up: str = ""
    checked_at: datetime | None = None
    updated_at: datetime | None = None


def key_view(key: ApiKey, provider: Provider) -> KeyView:
    has_balance = provider.kind == Provider.Type.AIMLAPI
    found: dict[str, Any] | None = key.balance if has_balance else None
    if not found:
        return KeyView(key, has_balance)
    threshold = found.get("low_threshold")
    return KeyView(
        key,
        has_balance,
        left=money.usd(money.in_usd(found["credits"])),
        credits=f"{found['credits']:,}",
        is_low=balances.is_low(key),
        status=found.get("explanation") or found.get("status", ""),
        provider_threshold="" if threshold is None else money.usd(money.in_usd(threshold)),
        auto_top_up=_TOP_UPS.get(str(found.get("auto_top_up")), "not reported"),
        checked_at=key.balance_at,
        updated_at=_moment(found.get("updated_at", "")),
    )


def _moment(text: str) -> datetime | None:
    """Read the provider's time; None if it is no time, or one without a zone."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None
