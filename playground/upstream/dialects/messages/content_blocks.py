"""The content blocks of ``/v1/messages``: text, thinking, tool use, and results of the provider's tools."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from playground.upstream.dialects.shared.reading.hosted_tools import HostedTools
from playground.upstream.dialects.shared.reading.limits import MAX_ITEMS, MAX_TOOL_TEXT
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.dialects.shared.reading.think import ThinkTags
from playground.upstream.dialects.shared.reading.tool_calls import AssembledCall, arguments_text
from playground.upstream.events import HostedToolCall, ReasoningDelta, ReasoningOpaque
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from playground.upstream.dialects.messages.frames import BlockDelta
    from playground.upstream.dialects.shared.reading.sources import Sources
    from playground.upstream.dialects.shared.reading.tool_calls import ToolCalls
    from playground.upstream.events import Event

_GAP = "\n\n"


@dataclass(slots=True)
class _Block:
    """A content block that has begun and not ended."""

    type: str
    call: AssembledCall | None = None
    # Pieces of the reasoning, or of the input of a tool that the provider runs.
    pieces: list[str] = field(default_factory=list)
    signature: list[str] = field(default_factory=list)
    id: str = ""
    name: str = ""
    input: object = None


class ContentBlocks:
    """The blocks of one answer. Blocks that stream at the same time differ in their index."""

    def __init__(self, tool_calls: ToolCalls, sources: Sources) -> None:
        self._tool_calls = tool_calls
        self._sources = sources
        self._text = ThinkTags()
        self._hosted = HostedTools()
        self._open: dict[object, _Block] = {}
        self._count = 0
        # A gap separates the text of two blocks, and the reasoning of two blocks.
        self._has_text = self._needs_text_gap = False
        self._has_reasoning = self._needs_reasoning_gap = False

    def close(self, events: list[Event], *, is_finished: bool = False) -> None:
        """End the blocks that are open, and emit text that is held back."""
        for index in list(self._open):
            self.stop(index, events)
        self._text.close(events, is_finished=is_finished)

    def add_text(self, text: str, events: list[Event]) -> None:
        if self._needs_text_gap and text:
            self._needs_text_gap = False
            text = _GAP + text
        self._has_text = True
        self._text.feed(text, events)

    def _add_reasoning(self, block: _Block | None, words: str, events: list[Event]) -> None:
        if block is not None:
            block.pieces.append(words)
        if self._needs_reasoning_gap:
            self._needs_reasoning_gap = False
            words = _GAP + words
        self._has_reasoning = True
        self._text.note_reasoning()
        events.append(ReasoningDelta(words))

    def add_delta(self, index: object, delta: BlockDelta, events: list[Event]) -> None:
        block = self._open.get(_place(index))
        kind = delta.type
        if kind == "thinking_delta" and type(delta.thinking) is str and delta.thinking:
            self._add_reasoning(block, delta.thinking, events)
        elif kind == "signature_delta" and block is not None:
            block.signature.append(text_of(delta.signature))
        elif kind == "citations_delta":
            self._sources.feed_one(delta.citation, events)
        elif kind == "input_json_delta" and block is not None and isinstance(delta.partial_json, str):
            if block.call is not None:
                self._tool_calls.add(block.call, events, arguments=delta.partial_json)
            else:
                block.pieces.append(delta.partial_json)

    def start(self, index: object, found: object, events: list[Event]) -> None:
        self.stop(index, events)
        if not isinstance(found, dict) or self._count >= MAX_ITEMS:
            return
        self._count += 1
        kind = text_of(found.get("type"))
        block = self._open[_place(index)] = _Block(kind)
        if kind != "text":
            self._needs_text_gap = self._has_text
        if kind == "text":
            self.add_text(text_of(found.get("text")), events)
            self._sources.feed_annotations(found.get("citations"), events)
        elif kind == "thinking":
            self._text.note_reasoning()
            self._needs_reasoning_gap = self._has_reasoning
            block.signature.append(text_of(found.get("signature")))
            if words := text_of(found.get("thinking")):
                self._add_reasoning(block, words, events)
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

    def stop(self, index: object, events: list[Event]) -> None:
        block = self._open.pop(_place(index), None)
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
