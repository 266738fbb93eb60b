"""Times in the time zone of the reader, which a script of every page writes into a cookie.

Without the cookie, times are in UTC and say so.
"""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.dateformat import format as date_format

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

COOKIE = "time_zone"
_UTC = {"UTC", "UCT", "GMT", "Universal", "Zulu"}
# Their places in the list are the numbers that Python has for them.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def is_zone(name: str) -> bool:
    """Tell whether a time zone has this name."""
    return name in _names()


def zone_of(name: str) -> tzinfo:
    """Return the zone with that name, which comes from a browser; UTC for anything else.

    >>> zone_of("Europe/Berlin")
    zoneinfo.ZoneInfo(key='Europe/Berlin')
    >>> zone_of("../../etc/passwd")
    datetime.timezone.utc
    """
    return zoneinfo.ZoneInfo(name) if name in _names() else UTC


def has_days_of_utc(name: str) -> bool:
    """Tell whether days begin at midnight in UTC in a zone, all through the year.

    >>> has_days_of_utc("Etc/UTC"), has_days_of_utc("Europe/London"), has_days_of_utc("Asia/Kolkata")
    (True, False, False)
    """
    return name.removeprefix("Etc/") in _UTC


def time_zone_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Show the times of each page in the reader's time zone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with timezone.override(zone_of(request.COOKIES.get(COOKIE, ""))):
            return get_response(request)

    return middleware


def in_words(moment: datetime, form: str) -> str:
    """Write a moment in the reader's zone. ``form`` is one of Django's for dates; a time in UTC says so.

    >>> in_words(datetime(2026, 5, 1, 20, 1, tzinfo=UTC), "j M, H:i")
    '1 May, 20:01 UTC'
    """
    local = timezone.localtime(moment)
    return date_format(local, form) + (" UTC" if "H" in form and _is_utc(local) else "")


def exactly(moment: datetime) -> str:
    """Write a moment to the second, with its distance from UTC and the name of the zone.

    >>> with timezone.override(zone_of("Asia/Tokyo")):
    ...     exactly(datetime(2026, 5, 1, 20, 1, 5, tzinfo=UTC))
    '2026-05-02 05:01:05 +09:00 (Asia/Tokyo)'
    >>> exactly(datetime(2026, 5, 1, 20, 1, 5, tzinfo=UTC))
    '2026-05-01 20:01:05 UTC'
    """
    local = timezone.localtime(moment)
    if _is_utc(local):
        return f"{local:%Y-%m-%d %H:%M:%S} UTC"
    return f"{local:%Y-%m-%d %H:%M:%S} {_distance(local)} ({local.tzinfo})"


def _distance(local: datetime) -> str:
    text = f"{local:%z}"
    return f"{text[:3]}:{text[3:5]}"


def _is_utc(local: datetime) -> bool:
    return str(local.tzinfo) == "UTC"
