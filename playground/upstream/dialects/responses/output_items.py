"""The output items of ``/v1/responses``, each read once however often it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.upstream.dialects.responses.call_items import CALLS, CallItems
from playground.upstream.dialects.responses.item_keys import ItemKeys
from playground.upstream.dialects.responses.reasoning_items import (
    Json,
    Key,
    ReasoningItems,
    number,
    parts_of,
)
from playground.upstream.dialects.shared.reading.hosted_tools import HostedTools
from playground.upstream.dialects.shared.reading.limits import MAX_ITEMS
from playground.upstream.dialects.shared.reading.logprobs import LogprobReader
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.dialects.shared.reading.think import ThinkTags
from playground.upstream.events import RefusalDelta

if TYPE_CHECKING:
    from playground.upstream.dialects.shared.reading.images import Images
    from playground.upstream.dialects.shared.reading.sources import Sources
    from playground.upstream.dialects.shared.reading.tool_calls import ToolCalls
    from playground.upstream.events import Event

# Items that no page shows: lists of tools, and results that the request held.
_SILENT = ("mcp_list_tools", "function_call_output", "custom_tool_call_output", "compaction")
_GAP = "\n\n"


def family_of(item: Json) -> str:
    """Return the kind of content of an item, for its key. Some servers leave the type of a message out."""
    kind = text_of(item.get("type"))
    if kind in CALLS:
        return "call"
    if kind in ("message", "reasoning"):
        return kind
    return "tool" if kind else "message"


class OutputItems:
    """The items of one answer.

    ``key`` identifies an item (see ``ItemKeys``), ``part`` is the number of a part of its content.
    """

    def __init__(self, tool_calls: ToolCalls, sources: Sources, images: Images) -> None:
        self.text = ThinkTags()
        self.reasoning = ReasoningItems(self.text)
        self.keys = ItemKeys()
        # The raw indexes of the last text delta; nearly every next one has the same.
        self.place: tuple[object, object] | None = None
        self._logprobs = LogprobReader()
        self.calls = CallItems(tool_calls)
        self._sources = sources
        self._images = images
        self._hosted = HostedTools()
        self._text_key: Key | None = None
        self._parts_with_text: set[tuple[Key, int]] = set()
        self._image_keys: set[Key] = set()
        self._hosted_ids: dict[Key, str] = {}

    @property
    def has_text(self) -> bool:
        return bool(self._parts_with_text)

    def is_at(self, key: Key, part: object) -> bool:
        """Return whether the last text belonged to that part."""
        return self._text_key == key and (key, number(part)) in self._parts_with_text

    def move_to(self, key: Key, part: object, events: list[Event]) -> None:
        """Begin the text of a part. A gap separates the messages of one answer."""
        if self._text_key not in (None, key):
            self.text.feed(_GAP, events)
        self._text_key = key
        if len(self._parts_with_text) < MAX_ITEMS:
            self._parts_with_text.add((key, number(part)))

    def add_whole_text(self, key: Key, part: object, text: object, events: list[Event]) -> None:
        """Add the whole text of a part if no delta of it has come."""
        if isinstance(text, str) and text and (key, number(part)) not in self._parts_with_text:
            self.move_to(key, part, events)
            self.text.feed(text, events)

    def add_whole_refusal(self, key: Key, part: object, text: object, events: list[Event]) -> None:
        if isinstance(text, str) and text and (key, number(part)) not in self._parts_with_text:
            self.add_refusal(key, part, text, events)

    def add_refusal(self, key: Key, part: object, text: str, events: list[Event]) -> None:
        if len(self._parts_with_text) < MAX_ITEMS:
            self._parts_with_text.add((key, number(part)))
        events.append(RefusalDelta(text))

    def add_logprobs(self, found: object, events: list[Event]) -> None:
        self._logprobs.feed(found, 0, events)

    def begin(self, key: Key, item: Json, events: list[Event]) -> None:
        kind = text_of(item.get("type"))
        if kind in CALLS:
            self.calls.begin(key, item, events)
        elif kind not in ("", "message", "reasoning", *_SILENT):
            self._add_hosted(key, item, events, is_over=False)

    def finish(self, key: Key, item: Json, events: list[Event]) -> None:
        """Add the parts of a whole item that have not come before."""
        kind = text_of(item.get("type"))
        if kind in ("", "message"):
            self._finish_message(key, item, events)
        elif kind == "reasoning":
            self.reasoning.finish(key, item, events)
        elif kind in CALLS:
            self.calls.finish(key, item, events)
        elif kind and kind not in _SILENT:
            image = item.get("result") if kind == "image_generation_call" else None
            if isinstance(image, str) and key not in self._image_keys and len(self._image_keys) < MAX_ITEMS:
                self._image_keys.add(key)
                self._images.feed_base64(image, events)
            self._add_hosted(key, item, events, is_over=True)

    def finish_all(self, output: object, events: list[Event]) -> None:
        """Add the items of the last event that the stream lacked.

        The last event holds the whole answer, under ids and places that may differ from those in the
        stream. If the stream had an item of some type, it had all items of that type.
        """
        items = parts_of(output)
        had = {
            "message": self.has_text,
            "reasoning": bool(len(self.reasoning)),
            "image_generation_call": bool(self._image_keys),
        }
        had_tools = bool(len(self._hosted))
        self.calls.finish_all([item for item in items if family_of(item) == "call"], events)
        for place, item in enumerate(items):
            family = family_of(item)
            kind = text_of(item.get("type")) or family
            if family == "call":
                continue
            if not had.get(kind, had_tools):
                self.finish(f"last {place}", item, events)
            elif family == "message":
                self._cite(item, events)
            elif family == "reasoning":
                self.reasoning.add_opaque(item, events)

    def _add_hosted(self, key: Key, item: Json, events: list[Event], *, is_over: bool) -> None:
        call_id = text_of(item.get("id"))[:128] or f"tool {key}"
        if len(self._hosted_ids) < MAX_ITEMS:
            call_id = self._hosted_ids.setdefault(key, call_id)
        self._hosted.feed_item(call_id, item, events, is_over=is_over)

    def _finish_message(self, key: Key, item: Json, events: list[Event]) -> None:
        for part, content in enumerate(parts_of(item.get("content"))):
            if content.get("refusal"):
                self.add_whole_refusal(key, part, content["refusal"], events)
            elif (key, part) not in self._parts_with_text and content.get("logprobs"):
                self.add_whole_text(key, part, content.get("text"), events)
                self.add_logprobs(content["logprobs"], events)
            else:
                self.add_whole_text(key, part, content.get("text"), events)
        self._cite(item, events)

    def _cite(self, item: Json, events: list[Event]) -> None:
        for content in parts_of(item.get("content")):
            self._sources.feed_annotations(content.get("annotations"), events)
