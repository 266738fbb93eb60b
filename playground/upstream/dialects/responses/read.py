"""The reader of answers of ``/v1/responses``.

All content comes up to four times: as deltas, when its part is done, when its item is done, and in
the last event. The first copy counts. ``item_keys`` finds out which item an event belongs to.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.upstream.dialects.responses import frames
from playground.upstream.dialects.responses.item_events import HANDLERS as ITEM_HANDLERS
from playground.upstream.dialects.responses.item_events import key_of_part
from playground.upstream.dialects.responses.output_items import OutputItems
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.dialects.shared.reading.normaliser import DialectNormaliser
from playground.upstream.dialects.shared.reading.think_tags import ended_by_itself
from playground.upstream.errors import envelopes
from playground.upstream.events import AudioDelta, Awaited, Event, Finished
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.upstream.dialects.responses.frames import ResponseFrame

_STATUSES = ("completed", "incomplete", "failed", "cancelled")


class ResponsesNormaliser(DialectNormaliser["ResponseFrame"]):
    _decode = staticmethod(frames.decode)
    _from_object = staticmethod(frames.from_object)

    def __init__(self, *, inference_id: str = "") -> None:
        super().__init__(inference_id=inference_id)
        self._items = OutputItems(self._tool_calls, self._sources, self._images)
        self._is_over = False

    @property
    def is_whole(self) -> bool:
        return self._is_over

    def _is_plain(self, frame: ResponseFrame) -> bool:
        return type(frame.type) is str and frame.type in _KNOWN

    def _is_known(self, found: dict[str, Any]) -> bool:
        kind = found.get("type")
        return (isinstance(kind, str) and kind in _KNOWN) or bool(found.keys() & {"usage", "meta"})

    def _is_error(self, found: dict[str, Any]) -> bool:
        # Many events have a field "message", or an "error" that is null.
        is_event = str(found.get("type")).startswith("response.")
        return not is_event and envelopes.is_error_object(found)

    def _is_body(self, found: dict[str, Any]) -> bool:
        # LiteLLM and some others answer with the text alone, as the official clients show it.
        return isinstance(found.get("output"), list | str) or isinstance(found.get("output_text"), str)

    def _join_halves(self, found: dict[str, Any]) -> None:
        index = found.get("output_index", found.get("item_id"))
        place = (found.get("type"), index, found.get("content_index"))
        self._halves.join(found, "delta", *place)

    def _close_parts(self, events: list[Event]) -> None:
        self._items.text.close(events)

    def _read_body(self, found: dict[str, Any], events: list[Event]) -> None:
        self._end(text_of(found.get("status")) or "completed", found, events)

    def _read(self, frame: ResponseFrame, events: list[Event]) -> None:
        kind = frame.type if type(frame.type) is str and not self._is_over else ""
        if (handler := _HANDLERS.get(kind)) is not None:
            handler(self, frame, events)
        elif (of_items := ITEM_HANDLERS.get(kind)) is not None:
            of_items(self._items, frame, events)
        if frame.usage or frame.meta:
            self._account(frame.usage, frame.meta, events)

    def _on_text(self, frame: ResponseFrame, events: list[Event]) -> None:
        items, delta = self._items, frame.delta
        if type(delta) is not str or not delta:
            return
        index = frame.item_id if frame.output_index is None else frame.output_index
        place = (index, frame.content_index)
        if place != items.place:
            key = key_of_part(items, "message", frame)
            # The second delta under a name shows that the server does not change it with every event.
            items.place = place if items.is_at(key, frame.content_index) else None
            items.move_to(key, frame.content_index, events)
        items.text.feed(delta, events)
        if frame.logprobs:
            items.add_logprobs(frame.logprobs, events)

    def _on_annotation(self, frame: ResponseFrame, events: list[Event]) -> None:
        self._sources.feed_one(frame.annotation, events)

    def _on_audio(self, frame: ResponseFrame, events: list[Event]) -> None:
        if isinstance(frame.delta, str) and frame.delta:
            events.append(AudioDelta(data=frame.delta))

    def _on_transcript(self, frame: ResponseFrame, events: list[Event]) -> None:
        if isinstance(frame.delta, str) and frame.delta:
            events.append(AudioDelta(transcript=frame.delta))

    def _on_beginning(self, frame: ResponseFrame, events: list[Event]) -> None:
        if isinstance(frame.response, dict) and not self._is_identified:
            self._identify(frame.response.get("id"), frame.response.get("model"), events)

    def _on_end(self, frame: ResponseFrame, events: list[Event]) -> None:
        response = frame.response if isinstance(frame.response, dict) else {}
        self._end(frame.type.removeprefix("response."), response, events)

    def _end(self, status: str, response: dict[str, Any], events: list[Event]) -> None:
        """Read the last event: the content that the stream lacked, the usage, and the reason for the end."""
        if not self._is_identified:
            self._identify(response.get("id"), response.get("model"), events)
        output = response.get("output")
        self._items.finish_all(output, events)
        if not self._items.has_text:
            text = output if isinstance(output, str) else response.get("output_text")
            self._items.add_whole_text("last", 0, text, events)
        # xAI lists its sources here.
        self._sources.feed_lists(response.get("citations"), None, events)
        self._items.text.close(events, is_finished=ended_by_itself(status))
        self._report(events, service_tier=response.get("service_tier"))
        self._is_over = status in _STATUSES
        self._account(response.get("usage"), response.get("meta"), events)
        if status in ("queued", "in_progress"):
            # The whole of a background answer that has not ended yet.
            events.append(Awaited(status))
        if status == "failed":
            self._fail({"error": storable(response.get("error"))}, events)
        elif self._is_over and not self.has_failed:
            details = response.get("incomplete_details")
            reason = details.get("reason") if isinstance(details, dict) and status == "incomplete" else None
            events.append(Finished(reason if isinstance(reason, str) and reason else status))


_HANDLERS: dict[str, Callable[[ResponsesNormaliser, ResponseFrame, list[Event]], None]] = {
    "response.output_text.delta": ResponsesNormaliser._on_text,
    "response.output_text.annotation.added": ResponsesNormaliser._on_annotation,
    "response.audio.delta": ResponsesNormaliser._on_audio,
    "response.audio.transcript.delta": ResponsesNormaliser._on_transcript,
    "response.created": ResponsesNormaliser._on_beginning,
    "response.queued": ResponsesNormaliser._on_beginning,
    "response.in_progress": ResponsesNormaliser._on_beginning,
    "response.completed": ResponsesNormaliser._on_end,
    "response.incomplete": ResponsesNormaliser._on_end,
    "response.failed": ResponsesNormaliser._on_end,
    "response.cancelled": ResponsesNormaliser._on_end,
}
_KNOWN = frozenset({*_HANDLERS, *ITEM_HANDLERS, *frames.SILENT_EVENTS})
