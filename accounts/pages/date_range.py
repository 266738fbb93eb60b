"""The days of a report: a preset, or a first and a last day, as the page's address has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING

from django.utils.timezone import now

if TYPE_CHECKING:
    from collections.abc import Mapping

# The first of them is the default.
PRESETS = {
    "30-days": "Last 30 days",
    "today": "Today",
    "7-days": "Last 7 days",
    "this-month": "This month",
    "last-month": "Last month",
}
_DEFAULT = "30-days"
LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days in UTC, the first and the last one included."""

    first: date
    last: date
    # Empty for chosen days.
    preset: str = ""
    # The error in the days that were asked for; the range is the default one then.
    error: str = ""

    @property
    def label(self) -> str:
        if self.preset:
            return PRESETS[self.preset]
        return days_in_words(self.first, self.last)

    @property
    def before(self) -> tuple[date, date]:
        """The first and the last day to compare with: as many days before, or those of the month before.

        >>> DateRange(date(2026, 3, 1), date(2026, 3, 30), "this-month").before
        (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
        >>> DateRange(date(2026, 3, 1), date(2026, 3, 30)).before
        (datetime.date(2026, 1, 30), datetime.date(2026, 2, 28))
        """
        # The first of all dates has no day before.
        end = date.fromordinal(max(1, self.first.toordinal() - 1))
        length = self.last - self.first
        if self.preset == "last-month":
            return end.replace(day=1), end
        if self.preset == "this-month":
            start = end.replace(day=1)
            return start, min(start + length, end)
        return date.fromordinal(max(1, end.toordinal() - length.days)), end

    @property
    def query(self) -> dict[str, str]:
        """The values with which an address asks for the range again. A preset stays relative to today."""
        if self.preset:
            return {} if self.preset == _DEFAULT else {"range": self.preset}
        return {"first": self.first.isoformat(), "last": self.last.isoformat()}


def today() -> date:
    return now().astimezone(UTC).date()


def read_range(given: Mapping[str, str]) -> DateRange:
    """Read the range from the query of an address."""
    if given.get("first") or given.get("last"):
        return _chosen(given.get("first", ""), given.get("last", ""), today())
    preset = given.get("range", "")
    return _preset(preset if preset in PRESETS else _DEFAULT, today())


def _chosen(first: str, last: str, today: date) -> DateRange:
    """Return the chosen days. A missing last day is today, a missing first day is the last one."""
    try:
        until = date.fromisoformat(last) if last else today
        since = date.fromisoformat(first) if first else until
    except ValueError:
        return _refused("That isn't a date. Choose both days again.", today)
    if since > until:
        return _refused("The first day is after the last day. Choose them again.", today)
    if (until - since).days >= LONGEST_DAYS:
        return _refused(f"Choose {LONGEST_DAYS} days at most.", today)
    if until.year > today.year + 1:
        return _refused("The last day is too far in the future. Choose it again.", today)
    return DateRange(since, until)


def _refused(error: str, today: date) -> DateRange:
    default = _preset(_DEFAULT, today)
    return DateRange(default.first, default.last, _DEFAULT, error)


def _preset(name: str, today: date) -> DateRange:
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    first, last = {
        "30-days": (today - timedelta(days=29), today),
        "today": (today, today),
        "7-days": (today - timedelta(days=6), today),
        "this-month": (month, today),
        "last-month": (before.replace(day=1), before),
    }[name]
    return DateRange(first, last, name)


def days_in_words(first: date, last: date) -> str:
    """
    >>> days_in_words(date(2026, 3, 1), date(2026, 3, 1)), days_in_words(date(2026, 3, 1), date(2026, 3, 9))
    ('1 March 2026', '1 to 9 March 2026')
    >>> days_in_words(date(2025, 12, 31), date(2026, 1, 9)), days_in_words(date(2026, 1, 9), date(2026, 3, 1))
    ('31 December 2025 to 9 January 2026', '9 January to 1 March 2026')
    """
    if first == last:
        return _in_words(first)
    if first.year != last.year:
        return f"{_in_words(first)} to {_in_words(last)}"
    if first.month != last.month:
        return f"{first.day} {first:%B} to {_in_words(last)}"
    return f"{first.day} to {_in_words(last)}"


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
