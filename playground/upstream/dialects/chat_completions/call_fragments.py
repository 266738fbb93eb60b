"""Tool calls of chat completions, told apart by whatever their fragments have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.upstream.dialects.shared.reading.json_end import JsonEnd
from playground.upstream.dialects.shared.reading.mending import text_of
from playground.upstream.dialects.shared.reading.tool_calls import arguments_text
from playground.upstream.events import ReasoningOpaque
from playground.upstream.storable import storable

if TYPE_CHECKING:
    from playground.upstream.dialects.shared.reading.tool_calls import AssembledCall, ToolCalls
    from playground.upstream.events import Event


@dataclass(slots=True)
class _Open:
    call: AssembledCall
    end: JsonEnd = field(default_factory=JsonEnd)


class CallFragments:
    """The fragments of one answer's calls.

    Upstreams differ. They send id and name once, as OpenAI does, or in every fragment, as the
    documented schema demands; send a whole call at once; leave out the index, the id or both, or send
    empty ids; give parallel calls the same index or the same id; continue a call under another index;
    send arguments as an object.
    """

    def __init__(self, calls: ToolCalls) -> None:
        self._calls = calls
        self._by_index: dict[tuple[int, int], _Open] = {}
        self._by_id: dict[tuple[int, str], _Open] = {}
        # The call of each choice that the last fragment belonged to.
        self._last: dict[int, _Open] = {}

    def feed(self, fragments: object, choice: int, events: list[Event], *, are_whole: bool = False) -> None:
        """Read the fragments of a chunk. If they ``are_whole``, they are a message's calls, each its own."""
        for fragment in fragments if isinstance(fragments, list) else ():
            if isinstance(fragment, dict):
                self._feed_one(fragment, choice, events, is_whole=are_whole)

    def feed_legacy(self, function_call: object, choice: int, events: list[Event]) -> None:
        """Read ``function_call``, an older field for a single call."""
        if isinstance(function_call, dict):
            fragment = {"index": 0, "type": "function_call", "function": function_call}
            self._feed_one(fragment, choice, events, is_whole=False)

    def _feed_one(
        self, fragment: dict[str, Any], choice: int, events: list[Event], *, is_whole: bool
    ) -> None:
        inner = fragment.get("function") or fragment.get("custom")
        inner = inner if isinstance(inner, dict) else {}
        index, call_id, name = fragment.get("index"), text_of(fragment.get("id")), text_of(inner.get("name"))
        arguments = arguments_text(inner.get("arguments", inner.get("input")))
        found = None if is_whole else self._find(index, call_id, name, arguments, choice)
        is_named = found is None or bool(call_id or name)
        if found is None:
            call = self._calls.begin(choice)
            if call is None:
                return
            found = _Open(call)
        self._note(found, index, call_id, choice, is_named=is_named)
        kind = text_of(fragment.get("type"))
        self._calls.add(found.call, events, call_id=call_id, name=name, kind=kind, arguments=arguments)
        found.end.feed(arguments)
        if isinstance(fragment.get("extra_content"), dict):
            # Google signs a call, and wants the signature back with it.
            signed = storable(fragment["extra_content"])
            events.append(
                ReasoningOpaque({"type": "tool_call", "id": found.call.id, "extra_content": signed}, choice)
            )

    def _note(self, found: _Open, index: object, call_id: str, choice: int, *, is_named: bool) -> None:
        """Remember the call under everything that later fragments may name it by."""
        self._last[choice] = found
        # A fragment without id and name may have the index of a call that has yet to begin.
        if type(index) is int and is_named:
            self._by_index[choice, index] = found
        if call_id and found.call.id in ("", call_id):
            self._by_id[choice, call_id] = found

    def _find(self, index: object, call_id: str, name: str, arguments: str, choice: int) -> _Open | None:
        """Return the call that a fragment continues, or None if it begins one."""
        has_index = type(index) is int
        known = self._by_index.get((choice, index)) if type(index) is int else None
        is_elsewhere = False
        if call_id and (known is None or known.call.id != call_id):
            same = self._by_id.get((choice, call_id))
            is_elsewhere = has_index and same is not None
            known = same or known
        if known is None and not call_id and not (name and has_index):
            known = self._last.get(choice)
        if known is None or _begins_another(known, call_id, name, arguments, is_elsewhere=is_elsewhere):
            return None
        return known


def _begins_another(known: _Open, call_id: str, name: str, arguments: str, *, is_elsewhere: bool) -> bool:
    """Return whether a fragment that names ``known`` by its place or id begins another call all the same.

    ``is_elsewhere`` is set if the id is the only thing they share: some servers give all calls one id.
    """
    call, end = known.call, known.end
    if not name:
        # An id alone is no sign of another call: some servers send a new one with every fragment.
        return False
    if call_id and call.id and call_id != call.id:
        return True
    if is_elsewhere:
        return not end.is_open
    if call_id and call_id == call.id:
        return end.is_complete and bool(arguments.strip())
    return bool(call.name) and (name != call.name or end.is_complete)
