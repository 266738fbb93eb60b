"""Tool calls, assembled from the pieces of every dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from playground.upstream.dialects.shared.reading.limits import MAX_TOOL_CALLS
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.events import ToolCallDelta
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from playground.upstream.events import Event


@dataclass(slots=True)
class AssembledCall:
    """A call as far as it has come."""

    index: int
    choice: int
    id: str = ""
    name: str = ""
    type: str = ""
    has_arguments: bool = False


class ToolCalls:
    """The calls of one answer, numbered in the order in which they begin.

    Events name id, name and type once.
    """

    def __init__(self) -> None:
        self._calls: list[AssembledCall] = []

    def __len__(self) -> int:
        return len(self._calls)

    def begin(self, choice: int = 0) -> AssembledCall | None:
        """Return a new call for ``add``, or None if there are too many already."""
        if len(self._calls) >= MAX_TOOL_CALLS:
            return None
        call = AssembledCall(len(self._calls), choice)
        self._calls.append(call)
        return call

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


def arguments_text(value: object) -> str:
    """Return arguments as JSON text; some upstreams send the object itself."""
    if isinstance(value, dict | list):
        return msgspec.json.encode(storable(value)).decode()
    return text_of(value)
