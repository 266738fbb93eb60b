"""Tool calls, assembled from the fragments of every dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from playground.upstream.dialects.shared.reading.limits import MAX_TOOL_CALLS
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.events import ReasoningOpaque, ToolCallDelta
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from playground.upstream.events import Event


@dataclass(slots=True)
class AssembledCall:
    """A call as far as it has come."""

    index: int
    choice: int = 0
    id: str = ""
    name: str = ""
    type: str = ""
    has_arguments: bool = False


class ToolCalls:
    """The calls of one answer, numbered in the order in which they begin.

    Upstreams differ. They send id and name once, as OpenAI does, or in every fragment, as the
    documented schema demands; send a whole call at once; leave the index out; give parallel calls the
    same index; send arguments as an object. Events name id, name and type once.
    """

    def __init__(self) -> None:
        self._calls: list[AssembledCall] = []
        self._open: dict[tuple[int, int], AssembledCall] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def begin(self, choice: int = 0) -> AssembledCall | None:
        """Return a new call for ``add``, or None if there are too many already."""
        if len(self._calls) >= MAX_TOOL_CALLS:
            return None
        call = AssembledCall(len(self._calls), choice)
        self._calls.append(call)
        return call

    def has(self, call_id: object) -> bool:
        return any(call.id == call_id for call in self._calls)

    def add(
        self,
        call: AssembledCall,
        events: list[Event],
        *,
        call_id: str = "",
        name: str = "",
        kind: str = "",
        arguments: str = "",
    ) -> None:
        """Emit what is new about the call: its id, name and type, or more of its arguments."""
        delta = ToolCallDelta(
            call.index,
            id="" if call.id else call_id,
            name="" if call.name else name,
            arguments=arguments,
            type="" if call.type else kind,
            choice=call.choice,
        )
        call.id, call.name, call.type = call.id or call_id, call.name or name, call.type or kind
        call.has_arguments = call.has_arguments or bool(arguments)
        if delta.id or delta.name or delta.arguments or delta.type:
            events.append(delta)

    def feed(self, fragments: object, choice: int, events: list[Event]) -> None:
        if not isinstance(fragments, list):
            return
        for fragment in fragments:
            if isinstance(fragment, dict):
                self._feed_one(fragment, choice, events)

    def feed_legacy(self, function_call: object, choice: int, events: list[Event]) -> None:
        """Read ``function_call``, an older field for a single call."""
        if isinstance(function_call, dict):
            self._feed_one({"index": 0, "type": "function_call", "function": function_call}, choice, events)

    def _feed_one(self, fragment: dict[str, Any], choice: int, events: list[Event]) -> None:
        inner = fragment.get("function") or fragment.get("custom")
        inner = inner if isinstance(inner, dict) else {}
        call_id, name = text_of(fragment.get("id")), text_of(inner.get("name"))
        call = self._find(fragment.get("index"), call_id, name, choice)
        if call is None:
            return
        arguments = arguments_text(inner.get("arguments", inner.get("input")))
        kind = text_of(fragment.get("type"))
        self.add(call, events, call_id=call_id, name=name, kind=kind, arguments=arguments)
        if isinstance(fragment.get("extra_content"), dict):
            # Google signs a call, and wants the signature back with it.
            data = {"type": "tool_call", "id": call.id, "extra_content": storable(fragment["extra_content"])}
            events.append(ReasoningOpaque(data, choice))

    def _find(self, index: object, call_id: str, name: str, choice: int) -> AssembledCall | None:
        if type(index) is not int:
            index = self._index_without_one(call_id, choice)
        call = self._open.get((choice, index))
        # Some upstreams begin a new call under the index of the last one. The id alone is no sign of
        # that: others send a new id with every fragment.
        if call is None or (name and call_id and call.id and call.id != call_id):
            call = self.begin(choice)
            if call is not None:
                self._open[choice, index] = call
        return call

    def _index_without_one(self, call_id: str, choice: int) -> int:
        mine = [(index, call) for (owner, index), call in self._open.items() if owner == choice]
        for index, call in mine:
            if call_id and call.id == call_id:
                return index
        last = max((index for index, _ in mine), default=-1)
        return last + 1 if call_id or last < 0 else last


def arguments_text(value: object) -> str:
    """Return arguments as JSON text; some upstreams send the object itself."""
    if isinstance(value, dict | list):
        return msgspec.json.encode(storable(value)).decode()
    return text_of(value)
