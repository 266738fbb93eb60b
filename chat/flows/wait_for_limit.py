"""Waits of queued prompts for limits that refuse them for less than an hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.timezone import now

if TYPE_CHECKING:
    from accounts.exceptions import LimitReached

# A prompt that has not been sent after this time is refused.
LONGEST_WAIT = timedelta(hours=1)

# The columns of a queued prompt that waits for no limit.
NO_WAIT: dict[str, Any] = {
    "awaited_limit": None,
    "awaited_words": "",
    "is_wait_personal": False,
    "not_before": None,
    "waits_since": None,
}


def wait_for_limit(limit: LimitReached, since: datetime | None = None) -> dict[str, Any] | None:
    """Return the columns of a queued prompt that waits for ``limit``; None if it is refused instead.

    :param since: the first time that a limit refused it, if it has waited already.
    """
    at = now()
    since = since or at
    if not limit.may_wait or (limit.resets_at or at) - since > LONGEST_WAIT:
        return None
    return {
        "awaited_limit": limit.code,
        "awaited_words": limit.waits_for,
        "is_wait_personal": limit.is_personal,
        "not_before": limit.resets_at,
        "waits_since": since,
    }
