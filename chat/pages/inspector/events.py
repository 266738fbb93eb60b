"""The tab with the events that were read from a raw answer, by replaying it."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from chat.pages.receipt import duration
from playground.upstream.recording.replaying import replay_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat.models import Exchange
    from playground.upstream.events import Event

# Limits of the page; the download has the rest.
FIRST_EVENTS, LAST_EVENTS = 150, 50
MOST_EVENT_CHARACTERS = 2_000
# A longer answer is counted up to here, so that no page takes seconds.
MOST_REPLAYED = 200_000

_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class EventView:
    time: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class KindView:
    """A kind of event in an answer, and how often it occurs."""

    name: str
    count: int


def events_context(exchange: Exchange, kind: str) -> dict[str, Any]:
    """Return the events of a try: the first and the last ones of ``kind``, or of all kinds."""
    first: list[EventView] = []
    last: deque[tuple[int, Event]] = deque(maxlen=LAST_EVENTS)
    counts: Counter[str] = Counter()
    after = 0
    for ms, event in timed_events(exchange):
        name = _kind_of(event)
        counts[name] += 1
        if not kind or name == kind:
            if len(first) < FIRST_EVENTS:
                first.append(_shown(ms, event))
            else:
                after += 1
                last.append((ms, event))
        if counts.total() >= MOST_REPLAYED:
            break
    return {
        "kinds": [KindView(name, count) for name, count in counts.most_common()],
        "kind": kind if kind in counts else "",
        "event_count": counts.total(),
        "first": first if kind in counts or not kind else [],
        "last": [_shown(*each) for each in last],
        "left_out": after - len(last),
        "is_cut": counts.total() >= MOST_REPLAYED,
    }


def timed_events(exchange: Exchange) -> Iterator[tuple[int, Event]]:
    """Yield the events of a try, each with the milliseconds from the request to the piece that had it."""
    times = [piece.ms for piece in exchange.stream.pieces()]
    for piece, event in replay_events(exchange.kept):
        yield times[piece] if piece < len(times) else exchange.duration_ms, event


def event_lines(exchange: Exchange) -> Iterator[bytes]:
    """Yield the events of a try as lines of JSON."""
    for ms, event in timed_events(exchange):
        yield _encode({"ms": ms, **msgspec.to_builtins(event)}) + b"\n"


def _kind_of(event: Event) -> str:
    return str(event.__struct_config__.tag)


def _shown(ms: int, event: Event) -> EventView:
    fields: dict[str, Any] = msgspec.to_builtins(event)
    kind = fields.pop("event")
    # Most events are a text, which is easier to read without names around it.
    text = fields["text"] if fields.keys() == {"text"} else _encode(fields).decode()
    is_longer = len(text) > MOST_EVENT_CHARACTERS
    return EventView(duration(ms), kind, f"{text[:MOST_EVENT_CHARACTERS]}…" if is_longer else text)
