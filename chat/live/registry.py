"""The live runs that this process knows: those it relays, follows or sees in the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.live.run import LiveRun

if TYPE_CHECKING:
    from uuid import UUID

    from chat.live.broadcast import Watcher

_relayed: dict[UUID, LiveRun] = {}
_followed: dict[UUID, LiveRun] = {}
_waiting: dict[UUID, LiveRun] = {}
# Readers of runs that no process has begun to relay.
_awaited: dict[UUID, set[Watcher]] = {}
# The queue at the last poll: how many runs are before each run in it.
_queue: dict[UUID, int] = {}


def open_relayed(live_run: LiveRun) -> None:
    _relayed[live_run.code] = live_run
    for watcher in _awaited.pop(live_run.code, ()):
        watcher.wake()


def close_relayed(live_run: LiveRun) -> None:
    _relayed.pop(live_run.code, None)


def await_relay(code: UUID, watcher: Watcher) -> None:
    """Wake a reader once this process begins to relay a run that it does not know yet."""
    _awaited.setdefault(code, set()).add(watcher)


def await_no_relay(watcher: Watcher) -> None:
    """Forget what a reader waits for."""
    for code, watchers in list(_awaited.items()):
        watchers.discard(watcher)
        if not watchers:
            del _awaited[code]


def open_followed(live_run: LiveRun) -> None:
    _followed[live_run.code] = live_run


def close_followed(live_run: LiveRun) -> None:
    _followed.pop(live_run.code, None)


def find(code: UUID) -> LiveRun | None:
    """Return the run if this process relays it, follows it or has seen it in the queue."""
    return _relayed.get(code) or _followed.get(code) or _waiting.get(code)


def set_queue_positions(positions: dict[UUID, int]) -> None:
    """Store the queue, and tell the readers of each waiting run its new position or that it has left."""
    global _queue
    _queue = positions
    for code, waiting in list(_waiting.items()):
        if code not in positions or not waiting.is_watched:
            del _waiting[code]
            waiting.lose()
        else:
            waiting.set_queue_position(positions[code])


def wait_for(code: UUID, conversation_code: UUID) -> LiveRun | None:
    """Return a live run for one that waits for a place in any process; None if it is not in the queue."""
    if code not in _queue:
        return None
    waiting = _waiting[code] = LiveRun(0, code, conversation_code)
    waiting.set_queue_position(_queue[code])
    return waiting


def relayed() -> list[LiveRun]:
    return list(_relayed.values())
