"""The tab with the times of a run: when it waited, was sent, answered and ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.timezone import now

from chat.models import Exchange
from chat.pages.inspector.raw import ending_in_words
from chat.pages.receipt import duration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chat.models import Run


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a run. ``start`` and ``width`` are percents of the whole run, for its bar."""

    name: str
    note: str
    at: datetime
    took: str
    start: float
    width: float
    is_error: bool = False
    is_going_on: bool = False


@dataclass(frozen=True, slots=True)
class _Stretch:
    name: str
    begins_at: datetime
    # None while it goes on.
    ends_at: datetime | None
    note: str = ""
    is_error: bool = False


def timeline_context(run: Run) -> dict[str, Any]:
    """Return the phases of a run in their order, of a live one those so far."""
    stretches = list(_stretches(run))
    ends_at = run.finished_at or now()
    whole = max((ends_at - run.created_at).total_seconds(), 0.001)
    return {
        "phases": [_phase(stretch, run.created_at, ends_at, whole) for stretch in stretches],
        "whole": duration(round(whole * 1000)),
        "ended_at": run.finished_at,
    }


def _stretches(run: Run) -> Iterator[_Stretch]:
    yield _Stretch("Queued", run.created_at, run.started_at or run.finished_at)
    if run.started_at is None:
        return
    exchanges = list(Exchange.objects.filter(run=run).defer("raw"))
    if exchanges:
        # The key is opened and files are read.
        yield _Stretch("Preparing", run.started_at, exchanges[0].sent_at)
    for exchange in exchanges:
        yield from _try(exchange, exchanges)
    first_token_at = None
    if run.first_token_ms is not None:
        first_token_at = run.started_at + timedelta(milliseconds=run.first_token_ms)
    if first_token_at is None:
        if not exchanges:
            yield _Stretch("Waiting for the first token", run.started_at, run.finished_at)
        return
    begins_at = _connected_at(exchanges[-1]) if exchanges else run.started_at
    first_token_at = max(begins_at, first_token_at)
    yield _Stretch("Waiting for the first token", begins_at, first_token_at)
    if run.reasoning_ms:
        thought_until = first_token_at + timedelta(milliseconds=run.reasoning_ms)
        yield _Stretch("Reasoning", first_token_at, thought_until)
        first_token_at = thought_until
    yield _Stretch("Writing the answer", first_token_at, run.finished_at)


def _try(exchange: Exchange, exchanges: list[Exchange]) -> Iterator[_Stretch]:
    """Yield the connection of a try, and of a failed one what followed."""
    which = f"Try {exchange.number}: " if len(exchanges) > 1 else ""
    ended_at = exchange.sent_at + timedelta(milliseconds=exchange.duration_ms)
    status = "no answer" if exchange.status is None else f"status {exchange.status}"
    has_failed = exchange.status is None or exchange.status >= 400
    name = f"{which}connecting" if which else "Connecting"
    yield _Stretch(name, exchange.sent_at, _connected_at(exchange), status, has_failed)
    following = next((each for each in exchanges if each.number > exchange.number), None)
    if following is not None:
        note = ending_in_words(exchange) if exchange.error else ""
        yield _Stretch(f"Wait before try {following.number}", ended_at, following.sent_at, note)


def _connected_at(exchange: Exchange) -> datetime:
    """Return when the head of the answer arrived, or when the try ended without one."""
    ms = exchange.duration_ms if exchange.head_ms is None else exchange.head_ms
    return exchange.sent_at + timedelta(milliseconds=ms)


def _phase(stretch: _Stretch, begin: datetime, end: datetime, whole: float) -> Phase:
    until = stretch.ends_at or end
    start = 100 * (stretch.begins_at - begin).total_seconds() / whole
    width = 100 * max(0.0, (until - stretch.begins_at).total_seconds()) / whole
    start = min(99.5, max(0.0, start))
    return Phase(
        name=stretch.name,
        note=stretch.note,
        at=stretch.begins_at,
        took=duration(max(0, round((until - stretch.begins_at).total_seconds() * 1000))),
        start=round(start, 2),
        # A phase of no time can still be seen.
        width=round(min(100 - start, max(0.5, width)), 2),
        is_error=stretch.is_error,
        is_going_on=stretch.ends_at is None,
    )
