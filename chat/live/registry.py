"""The live runs that this process knows: those it relays, follows or sees in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.live.run import LiveRun

if TYPE_CHECKING:
    from uuid import UUID

_relayed: dict[UUID, LiveRun] = {}
_followed: dict[UUID, LiveRun] = {}
_waiting: dict[UUID, LiveRun] = {}
# The queue, as this process last saw it: how many are before each run in it.
_queue: dict[UUID, int] = {}


def open_relayed(live: LiveRun) -> None:
    _relayed[live.code] = live


def close_relayed(live: LiveRun) -> None:
    _relayed.pop(live.code, None)


def open_followed(live: LiveRun) -> None:
    _followed[live.code] = live


def close_followed(live: LiveRun) -> None:
    _followed.pop(live.code, None)


def find(code: UUID) -> LiveRun | None:
    """The live run of that code which this process writes, follows or sees in the queue, if any."""
    return _relayed.get(code) or _followed.get(code) or _waiting.get(code)


def note_queue(before: dict[UUID, int]) -> None:
    """Tell whoever watches a run in the queue how many are before it, or that it has left."""
    global _queue
    _queue = before
    for code, waiting in list(_waiting.items()):
        if code not in before or not waiting.is_watched:
            del _waiting[code]
            waiting.lose()
        else:
            waiting.wait_behind(before[code])


def wait_for(code: UUID, conversation_code: UUID) -> LiveRun | None:
    """A run that waits for a place in any process; None when it is not known to."""
    if code not in _queue:
        return None
    waiting = _waiting[code] = LiveRun(0, code, conversation_code)
    waiting.wait_behind(_queue[code])
    return waiting


def relayed() -> list[LiveRun]:
    return list(_relayed.values())
