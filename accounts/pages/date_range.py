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
        if self.first == self.last:
            return _in_words(self.first)
        return f"{_in_words(self.first)} to {_in_words(self.last)}"

    @property
    def query(self) -> dict[str, str]:
        """The values with which an address asks for the range again. A preset stays relative to today."""
        if self.preset:
            return {} if self.preset == _DEFAULT else {"range": self.preset}
        return {"first": self.first.isoformat(), "last": self.last.isoformat()}


def read_range(given: Mapping[str, str]) -> DateRange:
    """Read the range from the query of an address."""
    today = now().astimezone(UTC).date()
    if given.get("first") or given.get("last"):
        return _chosen(given.get("first", ""), given.get("last", ""), today)
    preset = given.get("range", "")
    return _preset(preset if preset in PRESETS else _DEFAULT, today)


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


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
