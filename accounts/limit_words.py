"""Limits in sentences. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import Period, Unit
from accounts.time_zones import WEEKDAYS

if TYPE_CHECKING:
    from accounts.models import Limit


def in_words(limit: Limit) -> str:
    """Describe a limit in a sentence, such as

    "Bob may use at most $0.00025 (500 credits) per day, counted from 00:00 UTC."
    """
    who, unit = limit.who, Unit(limit.unit)
    if limit.is_soft:
        return f"{who} may go on when {limit.label} are used; people are told, and nothing is refused."
    if not limit.amount:
        nothing = "spend anything" if unit == Unit.USD else f"use any {unit.label}"
        return f"{who} may not {nothing}{limit.of_what} at all."
    waits = " Prompts that come too early wait." if limit.lets_wait else ""
    if unit == Unit.CONCURRENT:
        return f"{who} may have at most {limit.label}.{waits}"
    verb = "be used for" if limit.api_key_id is not None else "spend" if unit == Unit.USD else "use"
    return f"{who} may {verb} at most {limit.label}, {_since(limit)}.{waits}"


def _since(limit: Limit) -> str:
    zone = limit.workspace.time_zone
    where = "UTC" if zone == "UTC" else f"in {zone.replace('_', ' ')}"
    weekday = WEEKDAYS[limit.workspace.week_starts_on]
    return {
        Period.MINUTE: "counted from the start of each minute",
        Period.HOUR: "counted from the start of each hour",
        Period.DAY: f"counted from 00:00 {where}",
        Period.WEEK: f"counted from {weekday}, 00:00 {where}",
        Period.MONTH: "counted from the first of the month, " + where,
        Period.EVER: "counted from the first run",
    }[Period(limit.period)]
