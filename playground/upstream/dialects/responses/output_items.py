"""The output items of ``/v1/responses``: each of them once, however often it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.upstream.dialects.shared.reading.hosted_tools import HostedTools
from playground.upstream.dialects.shared.reading.limits import MAX_ITEMS
from playground.upstream.dialects.shared.reading.logprobs import LogprobReader
from playground.upstream.dialects.shared.reading.mending import storable, text_of
from playground.upstream.dialects.shared.reading.think import ThinkTags
from playground.upstream.dialects.shared.reading.tool_calls import arguments_text
from playground.upstream.events import ReasoningDelta, ReasoningOpaque, RefusalDelta

if TYPE_CHECKING:
    from playground.upstream.dialects.shared.reading.images import Images
    from playground.upstream.dialects.shared.reading.sources import Sources
    from playground.upstream.dialects.shared.reading.tool_calls import Call, ToolCalls
    from playground.upstream.events import Event

Key = int | str
Json = dict[str, Any]

# Items that are calls of our own tools, and what the type of such a call is.
_CALLS = {"function_call": "function", "custom_tool_call": "custom"}
# Nothing of it is to be seen: a list of tools, or a result that we sent.
_SILENT = ("mcp_list_tools", "function_call_output", "custom_tool_call_output", "compaction")
_GAP = "\n\n"


class OutputItems:
    """``key`` is an item's place, ``part`` the number of a piece of its content."""

    def __init__(self, tool_calls: ToolCalls, sources: Sources, images: Images) -> None:
        self.text = ThinkTags()
        # The fields of the last piece of text, as they came: nearly every next one has the same.
        self.place: tuple[object, object] | None = None
        self._logprobs = LogprobReader()
        self._tool_calls = tool_calls
        self._sources = sources
        self._images = images
        self._hosted = HostedTools()
        self._speaker: Key | None = None
        self._said: set[tuple[Key, int]] = set()
        self._thought: tuple[Key, str, int] | None = None
        self._thinkers: dict[Key, str] = {}
        self._calls: dict[Key, Call] = {}
        self._sealed: set[int] = set()
        self._shown: set[Key] = set()
        self._hosted_ids: dict[Key, str] = {}

    def move_to(self, key: Key, part: object, events: list[Event]) -> None:
        """Text of that part comes next. Messages of one answer stand apart from each other."""
        if self._speaker not in (None, key):
            self.text.feed(_GAP, events)
        self._speaker = key
        if len(self._said) < MAX_ITEMS:
            self._said.add((key, number(part)))

    def say_whole(self, key: Key, part: object, text: object, events: list[Event]) -> None:
        """All text of a part, if no piece of it has come."""
        if isinstance(text, str) and text and (key, number(part)) not in self._said:
            self.move_to(key, part, events)
            self.text.feed(text, events)

    def refuse_whole(self, key: Key, part: object, text: object, events: list[Event]) -> None:
        if isinstance(text, str) and text and (key, number(part)) not in self._said:
            self.refuse(key, part, text, events)

    def refuse(self, key: Key, part: object, text: str, events: list[Event]) -> None:
        if len(self._said) < MAX_ITEMS:
            self._said.add((key, number(part)))
        events.append(RefusalDelta(text))

    def note_logprobs(self, found: object, events: list[Event]) -> None:
        self._logprobs.feed(found, 0, events)

    def think(self, key: Key, kind: str, part: object, words: str, events: list[Event]) -> None:
        """A summary, or the thoughts themselves: of an item that brings both, what comes first."""
        if len(self._thinkers) >= MAX_ITEMS:
            key = next(iter(self._thinkers))
        if self._thinkers.setdefault(key, kind) != kind:
            return
        place = (key, kind, number(part))
        if self._thought not in (None, place):
            words = _GAP + words
        self._thought = place
        self.text.note_reasoning()
        events.append(ReasoningDelta(words))

    def begin(self, key: Key, item: Json, events: list[Event]) -> None:
        kind = text_of(item.get("type"))
        if kind in _CALLS:
            self._begin_call(key, kind, item, events)
        elif kind not in ("", "message", "reasoning", *_SILENT):
            self._host(key, item, events, is_over=False)

    def add_arguments(self, key: Key, arguments: str, events: list[Event]) -> None:
        call = self._calls.get(key)
        if call is not None:
            self._tool_calls.add(call, events, arguments=arguments)

    def finish(self, key: Key, item: Json, events: list[Event]) -> None:
        """The whole item: take what of it has not come before."""
        kind = text_of(item.get("type"))
        if kind == "message":
            self._finish_message(key, item, events)
        elif kind == "reasoning":
            self._finish_reasoning(key, item, events)
        elif kind in _CALLS:
            self._finish_call(key, kind, item, events)
        elif kind and kind not in _SILENT:
            picture = item.get("result") if kind == "image_generation_call" else None
            if isinstance(picture, str) and key not in self._shown and len(self._shown) < MAX_ITEMS:
                self._shown.add(key)
                self._images.feed_base64(picture, events)
            self._host(key, item, events, is_over=True)

    def finish_all(self, output: object, events: list[Event]) -> None:
        """The last event holds the whole answer. Ids and places may differ from those in the stream."""
        # In a stream that had any of a kind, all of that kind came.
        had_tools = bool(len(self._hosted))
        had = {
            "message": bool(self._said),
            "reasoning": bool(self._thinkers),
            "image_generation_call": bool(self._shown),
        }
        for place, item in enumerate(output[:MAX_ITEMS] if isinstance(output, list) else ()):
            if not isinstance(item, dict):
                continue
            kind = text_of(item.get("type"))
            is_call = kind in _CALLS
            if not (self._tool_calls.has(item.get("call_id")) if is_call else had.get(kind, had_tools)):
                self.finish(f"last {place}", item, events)
            elif kind == "message":
                self._cite(item, events)
            elif kind == "reasoning":
                self._seal(item, events)

    def _host(self, key: Key, item: Json, events: list[Event], *, is_over: bool) -> None:
        call_id = text_of(item.get("id"))[:128] or f"tool {key}"
        if len(self._hosted_ids) < MAX_ITEMS:
            call_id = self._hosted_ids.setdefault(key, call_id)
        self._hosted.feed_item(call_id, item, events, is_over=is_over)

    def _begin_call(self, key: Key, kind: str, item: Json, events: list[Event]) -> Call | None:
        call = self._calls.get(key)
        if call is None:
            call = self._tool_calls.begin()
            if call is None:
                return None
            self._calls[key] = call
        # The id that a result has to name, not the one of the item.
        call_id = text_of(item.get("call_id")) or text_of(item.get("id"))
        self._tool_calls.add(call, events, call_id=call_id, name=text_of(item.get("name")), kind=_CALLS[kind])
        return call

    def _finish_call(self, key: Key, kind: str, item: Json, events: list[Event]) -> None:
        call = self._begin_call(key, kind, item, events)
        if call is not None and not call.has_arguments:
            arguments = arguments_text(item.get("arguments", item.get("input")))
            self._tool_calls.add(call, events, arguments=arguments)

    def _finish_message(self, key: Key, item: Json, events: list[Event]) -> None:
        for part, content in enumerate(_parts(item.get("content"))):
            if content.get("refusal"):
                self.refuse_whole(key, part, content["refusal"], events)
            elif (key, part) not in self._said and content.get("logprobs"):
                self.say_whole(key, part, content.get("text"), events)
                self.note_logprobs(content["logprobs"], events)
            else:
                self.say_whole(key, part, content.get("text"), events)
        self._cite(item, events)

    def _cite(self, item: Json, events: list[Event]) -> None:
        for content in _parts(item.get("content")):
            self._sources.feed_annotations(content.get("annotations"), events)

    def _finish_reasoning(self, key: Key, item: Json, events: list[Event]) -> None:
        if key not in self._thinkers:
            for kind, name in (("summary", "summary"), ("text", "content")):
                for part, content in enumerate(_parts(item.get(name))):
                    if words := text_of(content.get("text")):
                        self.think(key, kind, part, words, events)
        self._seal(item, events)

    def _seal(self, item: Json, events: list[Event]) -> None:
        sealed = item.get("encrypted_content")
        if not isinstance(sealed, str) or not sealed or hash(sealed) in self._sealed:
            return
        if len(self._sealed) < MAX_ITEMS:
            self._sealed.add(hash(sealed))
            summary = item.get("summary")
            data = {
                "type": "reasoning",
                "id": text_of(item.get("id")),
                "summary": storable(summary) if isinstance(summary, list) else [],
                "encrypted_content": sealed,
            }
            events.append(ReasoningOpaque(data))


def number(part: object) -> int:
    return part if type(part) is int and 0 <= part < MAX_ITEMS else 0


def _parts(found: object) -> list[Json]:
    return [part for part in found[:MAX_ITEMS] if isinstance(part, dict)] if isinstance(found, list) else []
