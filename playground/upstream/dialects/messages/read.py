"""The reader of answers of ``/v1/messages``.

https://platform.claude.com/docs/en/build-with-claude/streaming
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from playground.upstream.dialects.messages import frames
from playground.upstream.dialects.shared.reading.hosted_tools import HostedTools
from playground.upstream.dialects.shared.reading.limits import MAX_ITEMS, MAX_TOOL_TEXT
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.dialects.shared.reading.normaliser import DialectNormaliser
from playground.upstream.dialects.shared.reading.think import ThinkTags
from playground.upstream.dialects.shared.reading.tool_calls import AssembledCall, arguments_text
from playground.upstream.errors import failures
from playground.upstream.events import (
    Event,
    Finished,
    HostedToolCall,
    ReasoningDelta,
    ReasoningOpaque,
)
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from playground.upstream.dialects.messages.frames import BlockDelta, MessageFrame

_GAP = "\n\n"
_KNOWN = frozenset(
    {
        *("message_start", "message_delta", "message_stop", "ping"),
        *("content_block_start", "content_block_delta", "content_block_stop"),
    }
)
_DELTAS = ("text", "thinking", "partial_json")


@dataclass(slots=True)
class _Block:
    type: str
    call: AssembledCall | None = None
    # Pieces of the reasoning, or of the input of a tool that the provider runs.
    pieces: list[str] = field(default_factory=list)
    signature: list[str] = field(default_factory=list)
    id: str = ""
    name: str = ""
    input: object = None


class MessagesNormaliser(DialectNormaliser["MessageFrame"]):
    _decode = staticmethod(frames.decode)
    _from_object = staticmethod(frames.from_object)
    _counted_apart = ("cache_creation_input_tokens", "cache_read_input_tokens")

    def __init__(self, *, inference_id: str = "") -> None:
        super().__init__(inference_id=inference_id)
        self._text = ThinkTags()
        self._hosted = HostedTools()
        self._blocks: dict[object, _Block] = {}
        self._block_count = 0
        self._finished = ""
        self._counts: dict[str, Any] = {}
        # A gap separates the text of two blocks, and the reasoning of two blocks.
        self._has_text = self._needs_text_gap = False
        self._has_reasoning = self._needs_reasoning_gap = False

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
        return bool(found.get("error")) or (not is_event and failures.is_error_object(found))

    def _is_body(self, found: dict[str, Any]) -> bool:
        return isinstance(found.get("content"), list)

    def _join_halves(self, found: dict[str, Any]) -> None:
        for name in _DELTAS:
            self._halves.join(found.get("delta"), name, found.get("index"))

    def _close_parts(self, events: list[Event]) -> None:
        for index in list(self._blocks):
            self._stop_block(index, events)
        self._text.close(events)

    def _read_body(self, found: dict[str, Any], events: list[Event]) -> None:
        self._begin(found, events)
        content = found.get("content")
        for block in content[:MAX_ITEMS] if isinstance(content, list) else ():
            self._start_block(0, block, events)
            self._stop_block(0, events)
        self._account(None, found.get("meta"), events)
        self._finish(found.get("stop_reason"), events)

    def _read(self, frame: MessageFrame, events: list[Event]) -> None:
        kind, delta = frame.type, frame.delta
        if kind == "content_block_delta" and delta is not None:
            if delta.type == "text_delta" and type(delta.text) is str:
                self._say(delta.text, events)
            else:
                self._read_rare(frame.index, delta, events)
        elif kind == "content_block_start":
            self._start_block(frame.index, frame.content_block, events)
        elif kind == "content_block_stop":
            self._stop_block(frame.index, events)
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
            self._close_parts(events)
            self._finished = reason
            events.append(Finished(reason))

    def _say(self, text: str, events: list[Event]) -> None:
        if self._needs_text_gap and text:
            self._needs_text_gap = False
            text = _GAP + text
        self._has_text = True
        self._text.feed(text, events)

    def _think(self, block: _Block | None, words: str, events: list[Event]) -> None:
        if block is not None:
            block.pieces.append(words)
        if self._needs_reasoning_gap:
            self._needs_reasoning_gap = False
            words = _GAP + words
        self._has_reasoning = True
        events.append(ReasoningDelta(words))

    def _read_rare(self, index: object, delta: BlockDelta, events: list[Event]) -> None:
        block = self._blocks.get(_place(index))
        kind = delta.type
        if kind == "thinking_delta" and type(delta.thinking) is str and delta.thinking:
            self._think(block, delta.thinking, events)
        elif kind == "signature_delta" and block is not None:
            block.signature.append(text_of(delta.signature))
        elif kind == "citations_delta":
            self._sources.feed_one(delta.citation, events)
        elif kind == "input_json_delta" and block is not None and isinstance(delta.partial_json, str):
            if block.call is not None:
                self._tool_calls.add(block.call, events, arguments=delta.partial_json)
            else:
                block.pieces.append(delta.partial_json)

    def _start_block(self, index: object, found: object, events: list[Event]) -> None:
        self._stop_block(index, events)
        if not isinstance(found, dict) or self._block_count >= MAX_ITEMS:
            return
        self._block_count += 1
        kind = text_of(found.get("type"))
        block = self._blocks[_place(index)] = _Block(kind)
        if kind != "text":
            self._needs_text_gap = self._has_text
        if kind == "text":
            self._say(text_of(found.get("text")), events)
            self._sources.feed_annotations(found.get("citations"), events)
        elif kind == "thinking":
            self._text.note_reasoning()
            self._needs_reasoning_gap = self._has_reasoning
            block.signature.append(text_of(found.get("signature")))
            if words := text_of(found.get("thinking")):
                self._think(block, words, events)
        elif kind == "redacted_thinking":
            if data := text_of(found.get("data")):
                events.append(ReasoningOpaque({"type": kind, "data": data}))
        else:
            self._start_tool(block, found, events)

    def _start_tool(self, block: _Block, found: dict[str, Any], events: list[Event]) -> None:
        block.id, block.name = text_of(found.get("id")), text_of(found.get("name"))
        block.input = found.get("input")
        if block.type == "tool_use":
            block.call = self._tool_calls.begin()
            if block.call is not None:
                self._tool_calls.add(block.call, events, call_id=block.id, name=block.name, kind="function")
        elif block.type.endswith("_tool_result"):
            self._hosted.note_result(text_of(found.get("tool_use_id")), found.get("content"), events)
        elif block.type.endswith("_tool_use"):
            self._note_hosted(block, "", events)

    def _stop_block(self, index: object, events: list[Event]) -> None:
        block = self._blocks.pop(_place(index), None)
        if block is None:
            return
        if block.type == "thinking" and (signature := "".join(block.signature)):
            data = {"type": "thinking", "thinking": "".join(block.pieces), "signature": signature}
            events.append(ReasoningOpaque(data))
        elif block.call is not None and not block.call.has_arguments:
            # Some servers send the input with the call itself. A call without parameters has an empty object.
            self._tool_calls.add(block.call, events, arguments=arguments_text(block.input) or "{}")
        elif block.type.endswith("_tool_use") and block.call is None:
            given = "".join(block.pieces) or (arguments_text(block.input) if block.input else "")
            self._note_hosted(block, given, events)

    def _note_hosted(self, block: _Block, given: str, events: list[Event]) -> None:
        kind = block.type.removesuffix("_tool_use")
        # Tools of Anthropic are known by their names, those of an MCP server by the kind of server.
        kind = block.name if kind == "server" else kind
        call = HostedToolCall(
            id=block.id[:128],
            type=kind[:40],
            name=block.name[:128],
            status="in_progress",
            input=_readable(given)[:MAX_TOOL_TEXT],
        )
        self._hosted.note(call, events)


def _place(index: object) -> int:
    return index if type(index) is int and 0 <= index < MAX_ITEMS else 0


def _readable(given: str) -> str:
    """Return the input of a tool, without the JSON around it if that has a single text."""
    try:
        found = storable(msgspec.json.decode(given)) if given else ""
    except (msgspec.DecodeError, RecursionError):
        return given
    values = list(found.values()) if isinstance(found, dict) else []
    return values[0] if len(values) == 1 and isinstance(values[0], str) else given
