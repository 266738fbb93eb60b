"""The reader of answers of ``/v1/responses``.

All content comes up to four times: as deltas, when its part is done, when its item is done, and in
the last event. The first copy counts. An item is identified by its place in the output, which all
servers count alike; some give an item another id with every event.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.upstream.dialects.responses import frames
from playground.upstream.dialects.responses.output_items import OutputItems
from playground.upstream.dialects.responses.reasoning_items import Key
from playground.upstream.dialects.shared.reading.limits import MAX_ITEMS
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.dialects.shared.reading.normaliser import DialectNormaliser
from playground.upstream.errors import failures
from playground.upstream.events import AudioDelta, Event, Finished
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
        return type(frame.type) is str and (frame.type in _HANDLERS or frame.type in frames.SILENT_EVENTS)

    def _is_known(self, found: dict[str, Any]) -> bool:
        kind = found.get("type")
        return (isinstance(kind, str) and (kind in _HANDLERS or kind in frames.SILENT_EVENTS)) or bool(
            found.keys() & {"usage", "meta"}
        )

    def _is_error(self, found: dict[str, Any]) -> bool:
        # Many events have a field "message", or an "error" that is null.
        is_event = str(found.get("type")).startswith("response.")
        return not is_event and failures.is_error_object(found)

    def _is_body(self, found: dict[str, Any]) -> bool:
        return isinstance(found.get("output"), list)

    def _join_halves(self, found: dict[str, Any]) -> None:
        place = (found.get("type"), found.get("output_index"), found.get("content_index"))
        self._halves.join(found, "delta", *place)

    def _close_parts(self, events: list[Event]) -> None:
        self._items.text.close(events)

    def _read_body(self, found: dict[str, Any], events: list[Event]) -> None:
        self._end(text_of(found.get("status")) or "completed", found, events)

    def _read(self, frame: ResponseFrame, events: list[Event]) -> None:
        handler = _HANDLERS.get(frame.type) if type(frame.type) is str else None
        if handler is not None and not self._is_over:
            handler(self, frame, events)
        if frame.usage or frame.meta:
            self._account(frame.usage, frame.meta, events)

    def _on_text(self, frame: ResponseFrame, events: list[Event]) -> None:
        items, delta = self._items, frame.delta
        if type(delta) is not str or not delta:
            return
        place = (frame.output_index, frame.content_index)
        if place != items.place:
            items.move_to(_key(frame), frame.content_index, events)
            items.place = place
        items.text.feed(delta, events)
        if frame.logprobs:
            items.add_logprobs(frame.logprobs, events)

    def _on_whole_text(self, frame: ResponseFrame, events: list[Event]) -> None:
        self._items.add_whole_text(_key(frame), frame.content_index, frame.text, events)

    def _on_refusal(self, frame: ResponseFrame, events: list[Event]) -> None:
        if isinstance(frame.delta, str) and frame.delta:
            self._items.add_refusal(_key(frame), frame.content_index, frame.delta, events)

    def _on_whole_refusal(self, frame: ResponseFrame, events: list[Event]) -> None:
        self._items.add_whole_refusal(_key(frame), frame.content_index, frame.refusal, events)

    def _on_summary(self, frame: ResponseFrame, events: list[Event]) -> None:
        if isinstance(frame.delta, str) and frame.delta:
            self._items.reasoning.add(_key(frame), "summary", frame.summary_index, frame.delta, events)

    def _on_reasoning(self, frame: ResponseFrame, events: list[Event]) -> None:
        if isinstance(frame.delta, str) and frame.delta:
            self._items.reasoning.add(_key(frame), "text", frame.content_index, frame.delta, events)

    def _on_arguments(self, frame: ResponseFrame, events: list[Event]) -> None:
        if isinstance(frame.delta, str) and frame.delta:
            self._items.add_arguments(_key(frame), frame.delta, events)

    def _on_annotation(self, frame: ResponseFrame, events: list[Event]) -> None:
        self._sources.feed_one(frame.annotation, events)

    def _on_audio(self, frame: ResponseFrame, events: list[Event]) -> None:
        if isinstance(frame.delta, str) and frame.delta:
            events.append(AudioDelta(data=frame.delta))

    def _on_transcript(self, frame: ResponseFrame, events: list[Event]) -> None:
        if isinstance(frame.delta, str) and frame.delta:
            events.append(AudioDelta(transcript=frame.delta))

    def _on_item(self, frame: ResponseFrame, events: list[Event]) -> None:
        if isinstance(frame.item, dict):
            self._items.begin(_key(frame), frame.item, events)

    def _on_whole_item(self, frame: ResponseFrame, events: list[Event]) -> None:
        if isinstance(frame.item, dict):
            self._items.finish(_key(frame), frame.item, events)

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
        self._items.finish_all(response.get("output"), events)
        # xAI lists its sources here.
        self._sources.feed_lists(response.get("citations"), None, events)
        self._items.text.close(events)
        self._is_over = status in _STATUSES
        self._account(response.get("usage"), response.get("meta"), events)
        if status == "failed":
            self._fail({"error": storable(response.get("error"))}, events)
        elif self._is_over and not self.has_failed:
            details = response.get("incomplete_details")
            reason = details.get("reason") if isinstance(details, dict) and status == "incomplete" else None
            events.append(Finished(reason if isinstance(reason, str) and reason else status))


def _key(frame: ResponseFrame) -> Key:
    """Return the place of the item in the output, or its id if the server sends no place."""
    index = frame.output_index
    if type(index) is int and 0 <= index < MAX_ITEMS:
        return index
    return frame.item_id[:128] if isinstance(frame.item_id, str) else 0


_HANDLERS: dict[str, Callable[[ResponsesNormaliser, ResponseFrame, list[Event]], None]] = {
    "response.output_text.delta": ResponsesNormaliser._on_text,
    "response.output_text.done": ResponsesNormaliser._on_whole_text,
    "response.refusal.delta": ResponsesNormaliser._on_refusal,
    "response.refusal.done": ResponsesNormaliser._on_whole_refusal,
    "response.reasoning_summary_text.delta": ResponsesNormaliser._on_summary,
    "response.reasoning_text.delta": ResponsesNormaliser._on_reasoning,
    "response.function_call_arguments.delta": ResponsesNormaliser._on_arguments,
    "response.custom_tool_call_input.delta": ResponsesNormaliser._on_arguments,
    "response.output_text.annotation.added": ResponsesNormaliser._on_annotation,
    "response.audio.delta": ResponsesNormaliser._on_audio,
    "response.audio.transcript.delta": ResponsesNormaliser._on_transcript,
    "response.output_item.added": ResponsesNormaliser._on_item,
    "response.output_item.done": ResponsesNormaliser._on_whole_item,
    "response.created": ResponsesNormaliser._on_beginning,
    "response.queued": ResponsesNormaliser._on_beginning,
    "response.in_progress": ResponsesNormaliser._on_beginning,
    "response.completed": ResponsesNormaliser._on_end,
    "response.incomplete": ResponsesNormaliser._on_end,
    "response.failed": ResponsesNormaliser._on_end,
    "response.cancelled": ResponsesNormaliser._on_end,
}
