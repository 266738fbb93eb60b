"""Starts and ends of periods, in UTC and in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.utils.translation import ngettext

from accounts.models import Period
from accounts.time_zones import in_words


class Span(NamedTuple):
    """A span from ``starts_at`` up to, but not including, ``ends_at``; None is no end."""

    starts_at: datetime
    ends_at: datetime | None


# The epoch is earlier than any run.
_EVER = Span(datetime(1970, 1, 1, tzinfo=UTC), None)


def span_at(period: str, at: datetime) -> Span:
    """Return the period that contains ``at``.

    >>> span_at("day", datetime(2026, 2, 28, 23, 59, tzinfo=UTC)).ends_at
    datetime.datetime(2026, 3, 1, 0, 0, tzinfo=datetime.timezone.utc)
    >>> span_at("month", datetime(2026, 12, 31, tzinfo=UTC)).ends_at
    datetime.datetime(2027, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == Period.DAY:
        return Span(midnight, midnight + timedelta(days=1))
    if period == Period.MONTH:
        first = midnight.replace(day=1)
        # No month has 32 days, so this lands in the next one.
        return Span(first, (first + timedelta(days=32)).replace(day=1))
    return _EVER


def reset_in_words(resets_at: datetime | None, at: datetime) -> str:
    """Say when a period ends in the reader's zone, to continue "resets"; empty if it does not end.

    >>> reset_in_words(datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 1, 20, 1, tzinfo=UTC))
    'at 00:00 UTC (in 4 h)'
    >>> reset_in_words(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 5, 20, tzinfo=UTC))
    'on 1 June, 00:00 UTC (in 12 days)'
    """
    if resets_at is None:
        return ""
    minutes = max(1, -(-(resets_at - at) // timedelta(minutes=1)))
    if minutes < 60:
        return f"at {in_words(resets_at, 'H:i')} (in {minutes} min)"
    hours = round(minutes / 60)
    if hours <= 24:
        return f"at {in_words(resets_at, 'H:i')} (in {hours} h)"
    days = round(minutes / 60 / 24)
    distance = ngettext("in %d day", "in %d days", days) % days
    return f"on {in_words(resets_at, 'j F, H:i')} ({distance})"
