"""The reader of answers of ``/v1/messages``.

https://platform.claude.com/docs/en/build-with-claude/streaming
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.upstream.dialects.messages import frames
from playground.upstream.dialects.messages.content_blocks import ContentBlocks
from playground.upstream.dialects.shared.reading.limits import MAX_ITEMS
from playground.upstream.dialects.shared.reading.normaliser import DialectNormaliser
from playground.upstream.dialects.shared.reading.think_tags import ended_by_itself
from playground.upstream.errors import envelopes
from playground.upstream.events import (
    Event,
    Finished,
)

if TYPE_CHECKING:
    from playground.upstream.dialects.messages.frames import MessageFrame

_KNOWN = frozenset(
    {
        *("message_start", "message_delta", "message_stop", "ping"),
        *("content_block_start", "content_block_delta", "content_block_stop"),
    }
)
_DELTAS = ("text", "thinking", "partial_json")


class MessagesNormaliser(DialectNormaliser["MessageFrame"]):
    _decode = staticmethod(frames.decode)
    _from_object = staticmethod(frames.from_object)
    _counted_apart = ("cache_creation_input_tokens", "cache_read_input_tokens")

    def __init__(self, *, inference_id: str = "") -> None:
        super().__init__(inference_id=inference_id)
        self._blocks = ContentBlocks(self._tool_calls, self._sources)
        self._finished = ""
        self._counts: dict[str, Any] = {}

    @property
    def is_whole(self) -> bool:
        return bool(self._finished)

    def _is_plain(self, frame: MessageFrame) -> bool:
        return type(frame.type) is str and frame.type in _KNOWN

    def _is_known(self, found: dict[str, Any]) -> bool:
        kind = found.get("type")
        return (isinstance(kind, str) and kind in _KNOWN) or (kind is None and bool(found.get("meta")))

    def _is_error(self, found: dict[str, Any]) -> bool:
        # The event that begins an answer has a "message" as errors have.
        is_event = found.get("type") in ("message", *_KNOWN)
        return bool(found.get("error")) or (not is_event and envelopes.is_error_object(found))

    def _is_body(self, found: dict[str, Any]) -> bool:
        return isinstance(found.get("content"), list)

    def _join_halves(self, found: dict[str, Any]) -> None:
        for name in _DELTAS:
            self._halves.join(found.get("delta"), name, found.get("index"))

    def _close_parts(self, events: list[Event]) -> None:
        self._blocks.close(events)

    def _read_body(self, found: dict[str, Any], events: list[Event]) -> None:
        self._begin(found, events)
        content = found.get("content")
        for block in content[:MAX_ITEMS] if isinstance(content, list) else ():
            self._blocks.start(0, block, events)
            self._blocks.stop(0, events)
        self._account(None, found.get("meta"), events)
        self._finish(found.get("stop_reason"), events)

    def _read(self, frame: MessageFrame, events: list[Event]) -> None:
        kind, delta = frame.type, frame.delta
        if kind == "content_block_delta" and delta is not None:
            if delta.type == "text_delta" and type(delta.text) is str:
                self._blocks.add_text(delta.text, events)
            else:
                self._blocks.add_delta(frame.index, delta, events)
        elif kind == "content_block_start":
            self._blocks.start(frame.index, frame.content_block, events)
        elif kind == "content_block_stop":
            self._blocks.stop(frame.index, events)
        elif kind == "message_start" and isinstance(frame.message, dict):
            self._begin(frame.message, events)
        elif kind == "message_delta":
            # The reason comes first, since usage that arrives with it is the final one.
            self._finish(delta.stop_reason if delta else None, events)
            self._count(frame.usage, events)
        if frame.meta:
            self._account(None, frame.meta, events)

    def _begin(self, message: dict[str, Any], events: list[Event]) -> None:
        if not self._is_identified:
            self._identify(message.get("id"), message.get("model"), events)
        self._count(message.get("usage"), events)
        self._account(None, message.get("meta"), events)

    def _count(self, usage: object, events: list[Event]) -> None:
        """Merge usage: the first event counts the input, later ones the output so far."""
        if isinstance(usage, dict):
            self._counts = {
                **self._counts,
                **{name: count for name, count in usage.items() if count is not None},
            }
            self._account(self._counts, None, events)

    def _finish(self, reason: object, events: list[Event]) -> None:
        if isinstance(reason, str) and reason and reason != self._finished:
            self._blocks.close(events, is_finished=ended_by_itself(reason))
            self._finished = reason
            self._report(events, service_tier=self._counts.get("service_tier"))
            events.append(Finished(reason))
