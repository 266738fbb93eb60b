"""Starts and ends of periods in the time zone of a workspace, and their ends in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import ngettext

from accounts.models import Period, Unit
from accounts.time_zones import in_words, zone_of

if TYPE_CHECKING:
    from accounts.models import Workspace


class Span(NamedTuple):
    """A span from ``starts_at`` up to, but not including, ``ends_at``; None is no end."""

    starts_at: datetime
    ends_at: datetime | None


# The epoch is earlier than any run.
_EVER = Span(datetime(1970, 1, 1, tzinfo=UTC), None)
_DAY = timedelta(days=1)


def span_in(workspace: Workspace, period: str, at: datetime) -> Span:
    """Return the period of a workspace's limit that contains ``at``."""
    return span_at(period, at, zone_of(workspace.time_zone), workspace.week_starts_on)


def spans_in(workspace: Workspace, at: datetime) -> dict[str, Span]:
    """Return the current span of each period."""
    # All periods begin and end with a minute.
    minute = at.astimezone(UTC).replace(second=0, microsecond=0)
    return _spans(workspace.time_zone, workspace.week_starts_on, minute)


@lru_cache(maxsize=64)
def _spans(time_zone: str, first_weekday: int, at: datetime) -> dict[str, Span]:
    zone = zone_of(time_zone)
    return {period: span_at(period, at, zone, first_weekday) for period in Period.values}


def span_at(period: str, at: datetime, zone: tzinfo = UTC, first_weekday: int = 0) -> Span:
    """Return the period that contains ``at``. Days begin at midnight in ``zone``, weeks on ``first_weekday``.

    >>> span_at("day", datetime(2026, 2, 28, 23, 59, tzinfo=UTC)).ends_at
    datetime.datetime(2026, 3, 1, 0, 0, tzinfo=datetime.timezone.utc)
    >>> span_at("month", datetime(2026, 12, 31, tzinfo=UTC)).ends_at
    datetime.datetime(2027, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)

    A day in which the clocks change has 23 or 25 hours.

    >>> day = span_at("day", datetime(2026, 3, 29, 12, tzinfo=UTC), zone_of("Europe/Berlin"))
    >>> day.ends_at - day.starts_at
    datetime.timedelta(seconds=82800)
    """
    if period == Period.MINUTE:
        start = at.astimezone(UTC).replace(second=0, microsecond=0)
        return Span(start, start + timedelta(minutes=1))
    if period == Period.HOUR:
        local = at.astimezone(zone)
        start = at.astimezone(UTC) - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        return Span(start, start + timedelta(hours=1))
    if period == Period.EVER:
        return _EVER
    first = _day_of(at, zone)
    if period == Period.DAY:
        last = first + _DAY
    elif period == Period.WEEK:
        first -= timedelta(days=(first.weekday() - first_weekday) % 7)
        last = first + timedelta(days=7)
    else:
        first = first.replace(day=1)
        # No month has 32 days, so this lands in the next one.
        last = (first + timedelta(days=32)).replace(day=1)
    return Span(_midnight(first, zone), _midnight(last, zone))


def _day_of(at: datetime, zone: tzinfo) -> date:
    """Return the day that has begun last, also where clocks go back over midnight."""
    day = at.astimezone(zone).date()
    while _midnight(day, zone) > at:
        day -= _DAY
    while _midnight(day + _DAY, zone) <= at:
        day += _DAY
    return day


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


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


def use_ends(unit: str, resets_at: datetime | None, at: datetime) -> str:
    """Say when what is used of a limit is free again, to follow a subject.

    >>> use_ends("tokens", datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 1, 20, 1, tzinfo=UTC))
    'resets at 00:00 UTC (in 4 h)'
    >>> use_ends("tokens", None, datetime(2026, 5, 1, tzinfo=UTC))
    'does not reset'
    >>> use_ends("concurrent", None, datetime(2026, 5, 1, tzinfo=UTC))
    'frees up as requests end'
    """
    if unit == Unit.CONCURRENT:
        return "frees up as requests end"
    return f"resets {reset_in_words(resets_at, at)}" if resets_at else "does not reset"
