"""Events as the log keeps them."""

from __future__ import annotations

from playground.upstream.events import Event, Reached, ReasoningDelta, StartedOver, TextDelta, encode_events


def merge(events: list[Event]) -> bytes:
    """Encode events for the log. Neighbouring pieces of text are joined: a row need not keep the cuts.

    Of the upstream's numbers the last one says how far all of them have come.
    """
    merged: list[Event] = []
    pieces: list[str] = []
    kind: tuple[type[TextDelta | ReasoningDelta], int] | None = None

    def flush() -> None:
        if kind is not None:
            merged.append(kind[0]("".join(pieces), kind[1]))
            pieces.clear()

    reached: Reached | None = None
    for event in events:
        if not isinstance(event, TextDelta | ReasoningDelta):
            if isinstance(event, Reached):
                reached = event
                continue
            if isinstance(event, StartedOver):
                reached = None
            flush()
            kind = None
            merged.append(event)
            continue
        now = (type(event), event.choice)
        if now != kind:
            flush()
            kind = now
        pieces.append(event.text)
    flush()
    if reached is not None:
        merged.append(reached)
    return encode_events(merged)
