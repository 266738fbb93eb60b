"""Many pages that are only open, some that stream, and a slow query of another request.

python -m bench.idle_sockets [--smoke] [--idle 1000] [--streams 50] [--seconds 10]

With DATABASE_URL and REDIS_URL on those, which must be ones that may be filled; else on a fresh SQLite file.
Prints ``name value unit`` lines: what an idle socket holds, and how answers flow beside a thousand of them
while pages that wait a second for the database are asked for one after the other.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path

import httpx

from bench.figures import report
from bench.installation import Installation, shared_services, upstream
from bench.processes import Child
from bench.reader import Reader
from bench.relay import Plan, measure
from bench.sockets import Person, Watched

_SETTLE_SECONDS = 2.0
_SETTLE_TRIES = 30
_SETTLED_SHARE = 0.1
_OPENED_AT_ONCE = 20


async def open_idle(installation: Installation, count: int) -> list[Watched]:
    gate = asyncio.Semaphore(_OPENED_AT_ONCE)

    async def open_one(person: Person) -> Watched:
        async with gate:
            return await Watched.open(installation.origin, person, Reader(1))

    return list(await asyncio.gather(*(open_one(person) for person in installation.take(count))))


async def settled(server: Child) -> float:
    """Wait until the pages are up to date and return the share of a processor that they take then."""
    share = 1.0
    for _ in range(_SETTLE_TRIES):
        before = server.cpu_seconds
        await asyncio.sleep(_SETTLE_SECONDS)
        share = (server.cpu_seconds - before) / _SETTLE_SECONDS
        if share < _SETTLED_SHARE:
            break
    return share


async def ask_slowly(origin: str) -> None:
    """Request one page after the other, each of which takes a second of the database's time."""
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        while True:
            await client.get(f"{origin}/bench/busy/", params={"seconds": "1"})


async def measure_idle(installation: Installation, server: Child, plan: Plan, idle: int) -> None:
    before = server.memory_mb
    waiting = await open_idle(installation, idle)
    share = await settled(server)
    report(f"idle_sockets.{idle}.kb_each", (server.memory_mb - before) * 1000 / idle, "kB")
    report(f"idle_sockets.{idle}.cpu_percent", share * 100, "%")
    slow = asyncio.create_task(ask_slowly(installation.origin))
    try:
        [count] = plan.streams
        name = f"idle_sockets.{idle}.and_{count}_streams"
        await measure(installation, server, plan, count, name=name)
    finally:
        slow.cancel()
    open_still = sum(not one.reading.done() for one in waiting)
    report(f"idle_sockets.{idle}.open_at_the_end", open_still, f"of {idle}")
    for one in waiting:
        await one.close()


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="seconds instead of minutes")
    arguments.add_argument("--idle", type=int, help="sockets that only wait (at most 5000)")
    arguments.add_argument("--streams", type=int, help="answers at once")
    arguments.add_argument("--seconds", type=float, help="how long an answer takes (at most 300)")
    given = arguments.parse_args(words)
    idle = min(given.idle or (50 if given.smoke else 1000), 5000)
    streams = min(given.streams or (5 if given.smoke else 50), 1000)
    plan = Plan((streams,), min(given.seconds or (2 if given.smoke else 10), 300), 50, 0)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        installation = Installation(folder, stack.enter_context(upstream(folder)), **shared_services())
        installation.prepare(idle + streams, [plan.paced(streams)])
        server = stack.enter_context(installation.serving("-m", "bench.busy_server"))
        asyncio.run(measure_idle(installation, server, plan, idle))


if __name__ == "__main__":
    main()
