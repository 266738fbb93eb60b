"""Many sockets that are cut and reconnect at once, while the answers of others go on.

python -m bench.reconnect_storm [--smoke] [--sockets 500] [--streams 50] [--seconds 20]

With DATABASE_URL and REDIS_URL on those, which must be ones that may be filled; else on a fresh SQLite file.
Prints ``name value unit`` lines: how long until each page has what it missed, what the server did until then
for each that came back, the streams included, and how the answers of those who stayed flow meanwhile. In the
first storm, the pages show running answers, several of each; in the second one (``_people``), each page
belongs to a person of its own and shows a conversation in which nothing runs.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.figures import percentile, report
from bench.installation import Installation, shared_services, upstream
from bench.processes import Child
from bench.reader import Reader
from bench.relay import Plan, until
from bench.sockets import Person, Watched, send_all

_STAYING = 10
_STEADY_SECONDS = 2.0
_OPENED_AT_ONCE = 20
_STARTED_AT_ONCE = 5


async def open_pages(installation: Installation, people: list[Person], tokens: int) -> list[Watched]:
    gate = asyncio.Semaphore(_OPENED_AT_ONCE)

    async def open_one(person: Person) -> Watched:
        async with gate:
            return await Watched.open(installation.origin, person, Reader(tokens))

    return list(await asyncio.gather(*(open_one(person) for person in people)))


async def come_back(one: Watched, patience: float) -> tuple[Watched, float]:
    """Reconnect the page; return it with its new socket and the seconds until it had caught up."""
    started, before = time.monotonic(), one.reader.seen
    back = await one.reopen()
    while one.reader.seen == before and not one.reader.is_done and time.monotonic() - started < patience:  # noqa: ASYNC110 - nothing announces it
        await asyncio.sleep(0.005)
    return back, time.monotonic() - started


async def greet(installation: Installation, person: Person, patience: float) -> tuple[Watched, float]:
    """Open a page that lacks a new title; return it and the seconds until it had that."""
    started, reader = time.monotonic(), Reader(expected=1)
    page = await Watched.open(installation.origin, person, reader, title="An older title")
    while not reader.frames and time.monotonic() - started < patience:  # noqa: ASYNC110 - nothing announces it
        await asyncio.sleep(0.005)
    return page, time.monotonic() - started


async def measure_streaming(installation: Installation, server: Child, plan: Plan, sockets: int) -> None:
    """Cut pages that show running answers, several pages of each."""
    [streams] = plan.streams
    people = installation.take(streams)
    staying = await open_pages(installation, people[:_STAYING], plan.tokens)
    cut = await open_pages(installation, [people[place % streams] for place in range(sockets)], plan.tokens)
    # Only one page of each person sends.
    await send_all(staying + cut[_STAYING:streams], installation.endpoints[plan.paced(streams)])
    everybody = staying + cut
    await until(everybody, lambda: all(one.reader.seen for one in everybody))
    await asyncio.sleep(_STEADY_SECONDS)

    back = await storm(
        f"reconnect_storm.{sockets}",
        server,
        staying,
        cut,
        lambda: [come_back(one, plan.patience) for one in cut],
    )
    await finish(f"reconnect_storm.{sockets}", staying + back, plan)


async def measure_people(installation: Installation, server: Child, plan: Plan, sockets: int) -> None:
    """Cut pages of as many people, in which nothing runs."""
    [streams] = plan.streams
    staying = await open_pages(installation, installation.take(streams), plan.tokens)
    gate = asyncio.Semaphore(_OPENED_AT_ONCE)

    async def open_one(person: Person) -> Watched:
        async with gate:
            page, _ = await greet(installation, person, plan.patience)
            return page

    cut = await asyncio.gather(*(open_one(person) for person in installation.take(sockets)))
    await send_all(staying, installation.endpoints[plan.paced(streams)])
    await until(staying, lambda: all(one.reader.seen for one in staying))
    await asyncio.sleep(_STEADY_SECONDS)

    name = f"reconnect_storm.{sockets}_people"
    back = await storm(
        name,
        server,
        staying,
        cut,
        lambda: [greet(installation, one.person, plan.patience) for one in cut],
    )
    for one in back:
        await one.close()
    await finish(name, staying, plan)


async def storm(
    name: str,
    server: Child,
    staying: Sequence[Watched],
    cut: Sequence[Watched],
    come: Callable[[], list[Coroutine[Any, Any, tuple[Watched, float]]]],
) -> list[Watched]:
    """Cut the pages, let them come back, report how that went, and return them."""
    known = [len(one.reader.lags_ms) for one in staying]
    started, cpu = time.monotonic(), server.cpu_seconds
    for one in cut:
        one.abort()
    coming = []
    for number, each in enumerate(come()):
        coming.append(asyncio.create_task(each))
        if number % _STARTED_AT_ONCE == 0:
            # The pages that stay are read by this process, too, and must not wait for the others' start.
            await asyncio.sleep(0)
    came = await asyncio.gather(*coming)
    elapsed = time.monotonic() - started
    spent = server.cpu_seconds - cpu
    lags = [lag for one, count in zip(staying, known, strict=True) for lag in one.reader.lags_ms[count:]]

    waits = [seconds for _, seconds in came]
    report(f"{name}.all_caught_up_s", elapsed, "s")
    report(f"{name}.caught_up_p50_s", percentile(waits, 0.5), "s")
    report(f"{name}.caught_up_p99_s", percentile(waits, 0.99), "s")
    report(f"{name}.cpu_ms_each_with_streams", spent * 1000 / len(cut), "ms")
    report(f"{name}.others_lag_p99_ms", percentile(lags, 0.99), "ms")
    return [one for one, _ in came]


async def finish(name: str, pages: Sequence[Watched], plan: Plan) -> None:
    """Wait for the ends of the answers, and report how many arrived whole."""
    for one in pages:
        await one.finished(plan.patience)
        await one.close()
    report(f"{name}.answers_whole", sum(one.reader.is_whole for one in pages), f"of {len(pages)}")


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="seconds instead of minutes")
    arguments.add_argument("--sockets", type=int, help="pages that are cut (at most 5000)")
    arguments.add_argument("--streams", type=int, help="answers at once, each read by several (at least 10)")
    arguments.add_argument("--seconds", type=float, help="how long an answer takes (at most 300)")
    given = arguments.parse_args(words)
    streams = min(max(given.streams or (12 if given.smoke else 50), _STAYING + 1), 500)
    sockets = min(max(given.sockets or (24 if given.smoke else 500), streams), 5000)
    plan = Plan((streams,), min(given.seconds or (5 if given.smoke else 20), 300), 50, 0)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        installation = Installation(folder, stack.enter_context(upstream(folder)), **shared_services())
        installation.prepare(2 * streams + sockets, [plan.paced(streams)])
        server = stack.enter_context(installation.serving())
        asyncio.run(measure_streaming(installation, server, plan, sockets))
        asyncio.run(measure_people(installation, server, plan, sockets))


if __name__ == "__main__":
    main()
