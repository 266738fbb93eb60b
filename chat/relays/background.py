"""Starts, stops and looks after the relays of this process.

A run that is to start waits in the queue with all others until there is a place for it, at its provider
and in a process: see :mod:`chat.flows.claim_runs`. Mostly there is one, and it begins at once.

In the server they live on its own event loop, next to the sockets that read them. Without one
(a management command, a test) the first run starts a loop in a thread of its own.
"""

from __future__ import annotations

import asyncio
import threading

from django.conf import settings

from chat.models import Run
from chat.relays.supervisor import Supervisor

_supervisor: Supervisor | None = None
# Runs the loop of a supervisor that has one of its own.
_thread: threading.Thread | None = None
_lock = threading.Lock()


def attach(loop: asyncio.AbstractEventLoop) -> Supervisor:
    """Make ``loop``, on whose thread this is called, the home of this process's relays."""
    global _supervisor
    with _lock:
        if _supervisor is None or _supervisor.loop is not loop:
            _supervisor = Supervisor(loop)
            _supervisor.begin()
        return _supervisor


def supervisor() -> Supervisor:
    """The supervisor of this process; where no server runs, one with a loop of its own."""
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
    """Relay a queued run once there is a place for it. Call it after the transaction that opened the run."""
    if run.status == Run.Status.QUEUED:
        supervisor().start(run)


def stop(run: Run) -> None:
    """End the relay of a run if it is ours; another process sees the request within a tick."""
    supervisor().stop(run.code)


def is_ours(owner: str) -> bool:
    """Whether a lease's owner is this process."""
    return _supervisor is not None and _supervisor.owner == owner


async def drain() -> None:
    """Let the relays of this process end, within ``DRAIN_SECONDS``. On the loop's thread."""
    if _supervisor is not None:
        await _supervisor.drain(settings.DRAIN_SECONDS)


def shut_down() -> None:
    """End the relays and the thread of a loop of our own, if there is one. From any other thread."""
    global _thread
    with _lock:
        own, thread, _thread = _supervisor, _thread, None
    if own is None or thread is None:
        return
    asyncio.run_coroutine_threadsafe(own.drain(), own.loop).result()
    own.loop.call_soon_threadsafe(own.loop.stop)
    thread.join()
