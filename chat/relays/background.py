"""Relays of this process: functions that start, stop and drain them from any thread.

A run waits in the queue until there is a place for it at its provider and in a process: see
:mod:`chat.flows.claim_runs`. Usually there is one, and the run begins at once.

In the server, relays run on its event loop, next to the sockets that read them. Without a server (in a
management command or a test), the first run starts a loop in a thread of its own.
"""

from __future__ import annotations

import asyncio
import threading

from django.conf import settings

from chat.models import Run
from chat.relays.supervisor import Supervisor

_supervisor: Supervisor | None = None
# The thread of the loop, where there is no server.
_thread: threading.Thread | None = None
_lock = threading.Lock()


def attach(loop: asyncio.AbstractEventLoop) -> Supervisor:
    """Run the relays of this process on ``loop``, and return their supervisor. On the loop's thread."""
    global _supervisor
    with _lock:
        if _supervisor is None or _supervisor.loop is not loop:
            _supervisor = Supervisor(loop)
            _supervisor.begin()
        return _supervisor


def supervisor() -> Supervisor:
    """Return the supervisor of this process; without a server, one with a loop and thread of its own."""
    global _supervisor, _thread
    with _lock:
        if _supervisor is None or _supervisor.loop.is_closed():
            _supervisor = Supervisor(asyncio.new_event_loop())
            _thread = threading.Thread(target=_run_loop, args=(_supervisor,), name="relays", daemon=True)
            _thread.start()
        return _supervisor


def _run_loop(own: Supervisor) -> None:
    asyncio.set_event_loop(own.loop)
    own.loop.call_soon(own.begin)
    own.loop.run_forever()
    own.loop.close()


def start(run: Run) -> None:
    """Relay a queued run once there is a place for it. For calls after the transaction that opened it."""
    if run.status == Run.Status.QUEUED:
        supervisor().start(run)


def stop(run: Run) -> None:
    """End the relay of a run if this process has it; another process sees the stop at its next checkpoint."""
    supervisor().stop(run.code)


def is_ours(owner: str) -> bool:
    """Return whether this process is the owner of a lease."""
    return _supervisor is not None and _supervisor.owner == owner


async def drain() -> None:
    """End the relays of this process within ``DRAIN_SECONDS``. On the loop's thread."""
    if _supervisor is not None:
        await _supervisor.drain(settings.DRAIN_SECONDS)


def shut_down() -> None:
    """End the relays and the thread that :func:`supervisor` started, if any. From any other thread."""
    global _thread
    with _lock:
        own, thread, _thread = _supervisor, _thread, None
    if own is None or thread is None:
        return
    asyncio.run_coroutine_threadsafe(own.drain(), own.loop).result()
    own.loop.call_soon_threadsafe(own.loop.stop)
    thread.join()
