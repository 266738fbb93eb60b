"""Events as the log keeps them."""

from __future__ import annotations

from playground.upstream.events import Event, ReasoningDelta, TextDelta, encode_events


def merge(events: list[Event]) -> bytes:
    """Encode events for the log. Neighbouring pieces of text are joined: a row need not keep the cuts."""
    merged: list[Event] = []
    pieces: list[str] = []
    kind: tuple[type[TextDelta | ReasoningDelta], int] | None = None

    def flush() -> None:
        if kind is not None:
            merged.append(kind[0]("".join(pieces), kind[1]))
            pieces.clear()

    for event in events:
        if not isinstance(event, TextDelta | ReasoningDelta):
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
    return encode_events(merged)
