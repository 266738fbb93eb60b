"""Ids of tool calls, each different from all others in a transcript.

Some servers count the calls of every answer anew, or give two calls of one answer the same id. Anthropic
refuses ids that come twice, and elsewhere a result would belong to two calls.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from playground.upstream.dialects.shared.transcript import Role, Transcript, Turn


def with_distinct_calls(transcript: Transcript, clean: Callable[[str], str] = str) -> Transcript:
    """Rename calls whose id came before, and their results.

    :param clean: a function that makes an id acceptable to the upstream.
    """
    if not any(turn.tool_calls for turn in transcript):
        return transcript
    used: dict[str, int] = {}
    # New ids of the last answer's calls that have no result yet, by their old ids.
    waiting: dict[str, deque[str]] = {}
    found: list[Turn] = []
    for turn in transcript:
        if turn.role is Role.ASSISTANT:
            ids = [_unused(clean(call.id) or "call", used) for call in turn.tool_calls]
            waiting = {}
            for call, new in zip(turn.tool_calls, ids, strict=True):
                waiting.setdefault(call.id, deque()).append(new)
            turn = _renamed(turn, ids, {old: new[0] for old, new in waiting.items()})
        elif turn.role is Role.TOOL and waiting.get(turn.call_id):
            turn = replace(turn, call_id=waiting[turn.call_id].popleft())
        found.append(turn)
    return tuple(found)


def _renamed(turn: Turn, ids: list[str], by_old: dict[str, str]) -> Turn:
    calls = tuple(replace(call, id=new) for call, new in zip(turn.tool_calls, ids, strict=True))
    # Google's signatures name the call that they belong to.
    opaque = tuple(
        {**item, "id": by_old.get(str(item.get("id", "")), item.get("id"))}
        if item.get("type") == "tool_call"
        else item
        for item in turn.opaque
    )
    return replace(turn, tool_calls=calls, opaque=opaque)


def _unused(call_id: str, used: dict[str, int]) -> str:
    found = call_id
    while found in used:
        used[call_id] += 1
        found = f"{call_id}_{used[call_id]}"
    used[found] = 1
    return found
