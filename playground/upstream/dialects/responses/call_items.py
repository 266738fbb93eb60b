"""The function calls among the output items of ``/v1/responses``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.upstream.dialects.responses.reasoning_items import Json, Key
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.dialects.shared.reading.tool_calls import arguments_text

if TYPE_CHECKING:
    from playground.upstream.dialects.shared.reading.tool_calls import AssembledCall, ToolCalls
    from playground.upstream.events import Event

# Items that call tools of the request, with the type of such a call.
CALLS = {"function_call": "function", "custom_tool_call": "custom"}


class CallItems:
    """The calls of one answer. ``key`` is that of ``ItemKeys``."""

    def __init__(self, tool_calls: ToolCalls) -> None:
        self._tool_calls = tool_calls
        self._calls: dict[Key, AssembledCall] = {}

    def begin(self, key: Key, item: Json, events: list[Event]) -> None:
        call = self._call_of(key)
        if call is not None:
            self._identify(call, item, events)

    def add_arguments(self, key: Key, arguments: str, events: list[Event]) -> None:
        """Add a piece of the arguments. Some servers send it before they announce the call."""
        call = self._call_of(key)
        if call is not None:
            self._tool_calls.add(call, events, arguments=arguments)

    def add_whole_arguments(self, key: Key, arguments: object, events: list[Event]) -> None:
        """Add the arguments of a call if no piece of them has come."""
        call = self._call_of(key)
        if call is not None and not call.has_arguments:
            self._tool_calls.add(call, events, arguments=arguments_text(arguments))

    def finish(self, key: Key, item: Json, events: list[Event]) -> None:
        call = self._call_of(key)
        if call is not None:
            self._complete(call, item, events)

    def finish_all(self, items: list[Json], events: list[Event]) -> None:
        """Add what the stream lacked of these calls, which are all calls of the answer.

        A call without a known id is the one at the same place, unless the stream had too few calls.
        """
        streamed = list(self._calls.values())
        by_id = {call.id: call for call in streamed if call.id}
        has_all = len(items) <= len(streamed)
        for place, item in enumerate(items):
            call = by_id.get(text_of(item.get("call_id")))
            if call is None and place < len(streamed) and (has_all or not streamed[place].id):
                call = streamed[place]
            if call is None:
                self.finish(f"last {place}", item, events)
            else:
                self._complete(call, item, events)

    def _call_of(self, key: Key) -> AssembledCall | None:
        call = self._calls.get(key)
        if call is None and (call := self._tool_calls.begin()) is not None:
            self._calls[key] = call
        return call

    def _identify(self, call: AssembledCall, item: Json, events: list[Event], call_id: str = "") -> None:
        self._tool_calls.add(
            call,
            events,
            call_id=text_of(item.get("call_id")) or call_id,
            name=text_of(item.get("name")),
            kind=CALLS[text_of(item.get("type"))],
        )

    def _complete(self, call: AssembledCall, item: Json, events: list[Event]) -> None:
        # Results refer to a call by "call_id". The id of the item is another one, but better than none.
        self._identify(call, item, events, text_of(item.get("id")))
        if not call.has_arguments:
            arguments = arguments_text(item.get("arguments", item.get("input")))
            self._tool_calls.add(call, events, arguments=arguments)
