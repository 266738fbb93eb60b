"""The threads that answer requests. Each keeps its connection to the database from one request to the next.

Under ASGI, Django gives each request a thread of its own, with a new connection: SQLite would read its schema
again, and PostgreSQL start another process, for every request.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

# A request that asks a provider may take half a minute. Others must not wait for it.
MOST_THREADS = 64
# A thread that nothing needed for so long ends, with its connection.
IDLE_SECONDS = 30.0


class RequestThreads(Executor):
    """Threads that are started when all others are busy, and that end when they are no longer needed.

    The thread that was busy last has the next job, so a quiet server keeps one thread and one connection.
    """

    def __init__(self, most: int = MOST_THREADS, idle_seconds: float = IDLE_SECONDS) -> None:
        self.idle_seconds = idle_seconds
        self._most = most
        self._lock = threading.Lock()
        self._count = 0
        self._idle: list[_Thread] = []
        # Jobs that came while all threads were busy.
        self._waiting: deque[_Job] = deque()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        job = _Job(partial(fn, *args, **kwargs))
        with self._lock:
            if self._idle:
                self._idle.pop().give(job)
            elif self._count < self._most:
                self._count += 1
                _Thread(self, job).start()
            else:
                self._waiting.append(job)
        return job.future

    def next_job(self, thread: _Thread) -> _Job | None:
        """Return a job that waits; without one, note that the thread is idle."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._idle.append(thread)
            return None

    def dismiss(self, thread: _Thread) -> bool:
        """Let an idle thread end; return False if it has just been given something."""
        with self._lock:
            if thread not in self._idle:
                return False
            self._idle.remove(thread)
            self._count -= 1
            return True

    def end_idle(self) -> None:
        """End the threads that have no job, and wait until their connections are closed."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._count -= len(idle)
        for thread in idle:
            thread.give(None)
        for thread in idle:
            thread.join()

    @property
    def count(self) -> int:
        return self._count


class _Job:
    def __init__(self, work: Callable[[], Any]) -> None:
        self.future: Future[Any] = Future()
        self._work = work

    def run(self) -> Callable[[], None]:
        """Do the work; return what makes its result known."""
        if not self.future.set_running_or_notify_cancel():
            return lambda: None
        try:
            return partial(self.future.set_result, self._work())
        except BaseException as error:  # noqa: BLE001 - raised where the result is awaited
            return partial(self.future.set_exception, error)


class _Thread(threading.Thread):
    def __init__(self, pool: RequestThreads, job: _Job) -> None:
        super().__init__(name="requests", daemon=True)
        self._pool = pool
        self._given: SimpleQueue[_Job | None] = SimpleQueue()
        self._given.put(job)

    def give(self, job: _Job | None) -> None:
        """Wake the thread for its next job, or for its end."""
        self._given.put(job)

    def run(self) -> None:
        job = self._given.get()
        while job is not None:
            tell = job.run()
            job = self._pool.next_job(self)
            # The thread is idle before its result is known, and keeps nothing of the job while it waits.
            tell()
            del tell
            job = job or self._wait()
        connections.close_all()

    def _wait(self) -> _Job | None:
        with suppress(Empty):
            return self._given.get(timeout=self._pool.idle_seconds)
        return None if self._pool.dismiss(self) else self._given.get()


request_threads = RequestThreads()
