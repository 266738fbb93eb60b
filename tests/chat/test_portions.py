from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, cast

import pytest

from chat.live import portions
from chat.live.portions import Portions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor


@pytest.fixture
def pool() -> Iterator[Executor]:
    with ThreadPoolExecutor(max_workers=1) as one:
        yield one


class Occupied:
    """A thread that is busy until the block ends, so that jobs wait for it."""

    def __init__(self, jobs: Portions) -> None:
        self._jobs = jobs
        self._has_begun, self._goes_on = threading.Event(), threading.Event()

    def _hold(self) -> None:
        self._has_begun.set()
        self._goes_on.wait(20)

    async def __aenter__(self) -> None:
        self._holding = asyncio.create_task(self._jobs.do(self._hold, "hold"))
        await asyncio.to_thread(self._has_begun.wait, 20)

    def end(self) -> None:
        self._goes_on.set()

    async def __aexit__(self, *_: object) -> None:
        self.end()
        await self._holding


async def ask(jobs: Portions, job: Callable[[], object], *keys: str) -> list[asyncio.Task[object]]:
    """Ask for the job once for each key, and return when all of them wait."""
    asked = [asyncio.create_task(jobs.do(job, key)) for key in keys]
    await asyncio.sleep(0)
    return asked


async def test_equal_jobs_that_wait_are_done_once(pool):
    jobs, done = Portions(pool, 1), []

    def job() -> int:
        done.append("job")
        return len(done)

    async with Occupied(jobs):
        asked = await ask(jobs, job, "a", "b", "a", "a")

    assert await asyncio.gather(*asked) == [1, 2, 1, 1]


async def test_a_job_that_has_begun_answers_no_later_question(pool):
    jobs, state = Portions(pool, 1), ["old"]
    has_read, goes_on = threading.Event(), threading.Event()

    def read() -> str:
        found = state[0]
        has_read.set()
        goes_on.wait(20)
        return found

    [first] = await ask(jobs, read, "a")
    await asyncio.to_thread(has_read.wait, 20)
    state[0] = "new"
    [second] = await ask(jobs, read, "a")
    goes_on.set()

    assert (await first, await second) == ("old", "new")


async def test_a_job_that_nobody_waits_for_any_more_is_left_out(pool):
    jobs, done = Portions(pool, 1), []
    async with Occupied(jobs):
        gone = await ask(jobs, lambda: done.append("gone"), "a")
        left, stays = await ask(jobs, lambda: done.append("wanted"), "b", "b")
        for task in (*gone, left):
            task.cancel()
        await asyncio.sleep(0)

    await stays
    assert done == ["wanted"]


async def test_all_who_wait_get_the_error_and_the_next_job_is_done(pool):
    jobs = Portions(pool, 1)

    def fail() -> None:
        raise LookupError("no such row")

    async with Occupied(jobs):
        failing = await ask(jobs, fail, "a", "a")

    outcomes = await asyncio.gather(*failing, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [LookupError, LookupError]
    assert await jobs.do(lambda: "next", "b") == "next"


async def test_the_loop_has_its_turn_between_two_portions(pool, monkeypatch):
    monkeypatch.setattr(portions, "PORTION_SECONDS", 0.0)
    jobs, turns, seen = Portions(pool, 1), [0], []

    def count() -> None:
        turns[0] += 1
        asyncio.get_running_loop().call_soon(count)

    async with Occupied(jobs):
        asked = await ask(jobs, lambda: seen.append(turns[0]), "a", "b", "c", "d")
        count()
    await asyncio.gather(*asked)

    assert sorted(set(seen)) == seen


async def test_within_a_portion_nothing_waits_for_the_loop(pool, monkeypatch):
    monkeypatch.setattr(portions, "PORTION_SECONDS", 60.0)
    jobs, done = Portions(pool, 1), threading.Semaphore(0)
    occupied = Occupied(jobs)
    async with occupied:
        await ask(jobs, done.release, "a", "b", "c")
        occupied.end()

        # The loop is blocked here, so the thread goes on by itself.
        assert all(done.acquire(timeout=20) for _ in range(3))


async def test_another_thread_helps_while_the_first_is_stuck(monkeypatch):
    monkeypatch.setattr(portions, "STUCK_SECONDS", 0.0)
    with ThreadPoolExecutor(max_workers=2) as two:
        jobs = Portions(two, 2)
        async with Occupied(jobs):
            assert await jobs.do(lambda: "done meanwhile", "a") == "done meanwhile"
        # The thread that was stuck is at work again.
        assert await jobs.do(lambda: "done afterwards", "b") == "done afterwards"


class Threads:
    """A pool whose threads begin when a test says so."""

    def __init__(self) -> None:
        self.begun: list[Callable[[], object]] = []

    def submit(self, work: Callable[[], object]) -> None:
        self.begun.append(work)


async def test_a_job_behind_a_stuck_one_gets_a_thread_of_its_own(monkeypatch):
    """Also if both come while the loop does not know yet that the threads have ended their last portions."""
    monkeypatch.setattr(portions, "STUCK_SECONDS", 0)
    threads = Threads()
    jobs = Portions(cast("Executor", threads), 2)
    earlier = await ask(jobs, lambda: "earlier", "one", "two")
    await turns()
    assert len(threads.begun) == 2
    later = [asyncio.create_task(jobs.do(lambda: "later", key)) for key in ("three", "four")]
    for work in threads.begun:
        work()
    await turns()
    # The first job may never end, so the second thread has to begin for the other one.
    assert len(threads.begun) == 4
    for work in threads.begun[2:]:
        work()
    assert await asyncio.gather(*earlier, *later) == ["earlier"] * 2 + ["later"] * 2


async def turns() -> None:
    """Let the loop do all that is due."""
    for _ in range(20):
        await asyncio.sleep(0)
