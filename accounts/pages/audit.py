"""The audit log as its page lists it: filtered, the newest first, a portion at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from accounts.folding import fold
from accounts.models import AuditArea, AuditEvent
from accounts.pages.date_range import PRESETS, DateRange
from accounts.pages.filters import ListFilters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from accounts.models import Workspace

_PORTION = 50
_EXPORTED_PORTION = 2000
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class AuditFilters(ListFilters):
    """Filters of the log. ``area`` is one of AuditArea; the days are those of a DateRange's query."""

    area: str = ""
    range: str = ""
    first: str = ""
    last: str = ""

    @property
    def view(self) -> list[tuple[str, str]]:
        """The filters beside the days, for the form of the days."""
        return [(name, value) for name, value in self.chosen.items() if name in ("q", "area")]

    @property
    def days(self) -> list[tuple[str, str]]:
        """The days, for the form of the other filters."""
        return [(name, value) for name, value in self.chosen.items() if name in ("range", "first", "last")]


@dataclass(frozen=True, slots=True)
class Change:
    """A property of an event; ``None`` is for a side on which it does not exist."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class AuditRow:
    event: AuditEvent
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class AuditPortion:
    """Some of the events found. ``next`` is the key after which earlier ones follow; None at the end."""

    rows: list[AuditRow]
    next: int | None


def found_events(workspace: Workspace, days: DateRange, filters: AuditFilters) -> QuerySet[AuditEvent]:
    """Return the events that the filters ask for, the newest first."""
    since = datetime.combine(days.first, time(), UTC)
    # The last of all dates has no day after it.
    until = datetime.combine(days.last, time.max, UTC)
    events = AuditEvent.objects.filter(workspace=workspace, at__gte=since, at__lte=until)
    if filters.area in AuditArea.values:
        events = events.filter(action__startswith=f"{filters.area}.")
    for word in fold(filters.q).split():
        events = events.filter(words__contains=word)
    return events.order_by("-at", "-pk")


def portion_of(events: QuerySet[AuditEvent], after: str) -> AuditPortion:
    """Return a portion of events.

    :param after: the key of the last event of the portion before; another text for the first portion.
    """
    known = events.filter(pk=after).first() if after.isdecimal() and len(after) < 19 else None
    if known is not None:
        events = _before(events, known)
    found = list(events[: _PORTION + 1])
    rows = [AuditRow(event, list(_changes(event))) for event in found[:_PORTION]]
    return AuditPortion(rows, found[_PORTION - 1].pk if len(found) > _PORTION else None)


def portions_of(events: QuerySet[AuditEvent]) -> Iterator[list[AuditEvent]]:
    """Yield all events in portions. Each is one query, whatever came before."""
    rest = events
    while found := list(rest[:_EXPORTED_PORTION]):
        yield found
        rest = _before(events, found[-1])


def _before(events: QuerySet[AuditEvent], known: AuditEvent) -> QuerySet[AuditEvent]:
    return events.filter(at__lte=known.at).exclude(at=known.at, pk__gte=known.pk)


def _changes(event: AuditEvent) -> Iterator[Change]:
    for name in [*event.before, *(name for name in event.after if name not in event.before)]:
        before, after = (_words(each[name]) if name in each else None for each in (event.before, event.after))
        # An empty value that did not change from another says nothing.
        if {before, after} != {None, _NOTHING}:
            yield Change(name.replace("_", " "), before, after)


def _words(value: Any) -> str:
    """
    >>> _words(True), _words(None), _words(["Ana", "Ben"]), _words("")
    ('yes', 'nothing', 'Ana, Ben', 'nothing')
    """
    if value is True or value is False:
        return "yes" if value else "no"
    if value in (None, "", []):
        return _NOTHING
    return ", ".join(map(_words, value)) if isinstance(value, list) else str(value)


def range_choices(days: DateRange, filters: AuditFilters) -> list[dict[str, Any]]:
    """Return the presets of days with the queries of their addresses, which keep the other filters."""
    kept = AuditFilters(q=filters.q, area=filters.area)
    presets = [DateRange(days.first, days.last, preset) for preset in PRESETS]
    return [
        {
            "label": preset.label,
            "is_current": preset.preset == days.preset,
            "query": AuditFilters.of({**kept.chosen, **preset.query}).query,
        }
        for preset in presets
    ]
