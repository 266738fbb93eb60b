"""Answers that tests feed to a reader, one payload at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.upstream.answer import Answer
from playground.upstream.dialects.registry import normaliser_for
from playground.upstream.events import Event, decode_events, encode_events
from playground.upstream.sse import ServerSentEvent

if TYPE_CHECKING:
    from typing import Self


class AnswerReading:
    """An answer that is being read; every event goes through the log's serialisation."""

    def __init__(self, endpoint: str, *, inference_id: str = "") -> None:
        self.normaliser = normaliser_for(endpoint, inference_id=inference_id)
        self.events: list[Event] = []

    def raw(self, data: bytes | str, name: str = "message") -> Self:
        payload = data.encode() if isinstance(data, str) else data
        return self._add(self.normaliser.feed(ServerSentEvent(payload, name)))

    def close(self) -> Self:
        return self._add(self.normaliser.close())

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def answer(self) -> Answer:
        answer = Answer()
        for event in self.events:
            answer.apply(event)
        return answer

    def _add(self, events: list[Event]) -> Self:
        self.events += decode_events(encode_events(events))
        return self
