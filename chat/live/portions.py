"""Jobs of open pages, done in portions.

After a restart hundreds of pages ask at the same moment. Threads that worked without a pause would hold
the interpreter lock most of the time, and the event loop would send the frames of running answers late. So
one thread works for a moment, and goes on once the event loop had its turn: on a busy loop the newcomers
wait, on an idle one they do not notice. Another thread helps while a job of the first one takes long.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from concurrent.futures import Executor

T = TypeVar("T")

# Seconds after which a thread begins no further job before the event loop had its turn.
PORTION_SECONDS = 0.005
# Seconds after which a thread counts as stuck in a slow job, so that another one begins.
STUCK_SECONDS = 0.05


class _Errand:
    """A job and those who wait for its result."""

    def __init__(self, key: Hashable, job: Callable[[], Any]) -> None:
        self.key = key
        self.job = job
        self.waiting: list[asyncio.Future[Any]] = []

    @property
    def is_wanted(self) -> bool:
        return not all(future.done() for future in self.waiting)

    def take(self, result: Any, error: BaseException | None) -> None:
        """Pass the outcome on. On the loop's thread."""
        for future in self.waiting:
            if future.done():
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)


class Portions:
    """The jobs of one event loop for the threads of a pool, in the order in which they came.

    Equal jobs that have not begun are done once: ten tabs of a person come back with the same questions.
    """

    def __init__(self, pool: Executor, threads: int) -> None:
        self._pool = pool
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self._errands: deque[_Errand] = deque()
        self._by_key: dict[Hashable, _Errand] = {}
        self._lock = threading.Lock()
        self._working = 0
        self._helping: asyncio.TimerHandle | None = None

    async def do(self, job: Callable[[], T], key: Hashable) -> T:
        """Do the job, or share the result of one with the same key, and return its result."""
        result = self._loop.create_future()
        with self._lock:
            errand = self._by_key.get(key)
            if errand is None:
                errand = self._by_key[key] = _Errand(key, job)
                self._errands.append(errand)
            errand.waiting.append(result)
        self._go_on()
        return cast("T", await result)

    def _go_on(self) -> None:
        if not self._errands:
            return
        if not self._working:
            self._begin()
        # The thread that begins may be stuck at its first job, with others behind it.
        if self._working < self._threads and self._helping is None:
            self._helping = self._loop.call_later(STUCK_SECONDS, self._help)

    def _begin(self) -> None:
        self._working += 1
        self._pool.submit(self._work)

    def _help(self) -> None:
        """Let another thread begin: none has ended its portion for a while."""
        self._helping = None
        if self._errands:
            self._begin()
            self._go_on()

    def _work(self) -> None:
        """Do the next jobs, for a moment. In a thread of the pool."""
        until = time.monotonic() + PORTION_SECONDS
        # A call that the loop has not been told of yet: each one wakes it.
        untold: Callable[[], None] | None = None
        try:
            errand = self._next()
            while errand is not None:
                untold = self._done(errand)
                errand = self._next() if time.monotonic() < until else None
                if errand is not None:
                    self._tell(untold)
                    untold = None
        finally:
            self._tell(self._rest, untold)

    def _next(self) -> _Errand | None:
        """Take the next job that somebody still waits for."""
        with self._lock:
            while self._errands:
                errand = self._errands.popleft()
                # From here on, an equal job is another one: this one may miss what has just changed.
                del self._by_key[errand.key]
                if errand.is_wanted:
                    return errand
        return None

    def _done(self, errand: _Errand) -> Callable[[], None]:
        """Do the job; return what passes its outcome on."""
        result, error = None, None
        try:
            result = errand.job()
        except Exception as raised:  # noqa: BLE001 - those who wait get it
            error = raised
        return partial(errand.take, result, error)

    def _rest(self, untold: Callable[[], None] | None) -> None:
        if untold is not None:
            untold()
        self._working -= 1
        if self._helping is not None:
            self._helping.cancel()
            self._helping = None
        self._go_on()

    def _tell(self, callback: Callable[..., None], *args: Any) -> None:
        # A loop that has closed has no tasks that wait.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback, *args)
