"""A page that stops reading, beside one that reads.

python -m bench.slow_reader [--smoke] [--tokens 100000]

Prints ``name value unit`` lines: what the server's memory grows by during a long answer without and with
a socket that takes nothing, and whether the other page of the same answer is held up by it.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.figures import ratio, report
from bench.installation import Installation, upstream
from bench.processes import Child
from bench.reader import Reader
from bench.relay import Plan
from bench.sockets import Watched, send_all, silent_socket


async def measure_slow_reader(installation: Installation, server: Child, plan: Plan) -> None:
    alone, watched = installation.take(2)
    peaks = []
    for person, is_watched_twice in ((alone, False), (watched, True)):
        silent = await silent_socket(installation.origin, person) if is_watched_twice else None
        one = await Watched.open(installation.origin, person, Reader(plan.burst_tokens))
        before, peak = server.memory_mb, 0.0
        await send_all([one], installation.endpoints[plan.burst])
        while not one.reading.done():
            peak = max(peak, server.memory_mb - before)
            await asyncio.sleep(0.02)
        peaks.append(peak)
        name = "slow_reader.other_page" if is_watched_twice else "slow_reader.alone"
        elapsed = ((one.reader.last_at or 0) - (one.reader.first_at or 0)) / 1e6
        report(f"{name}.tokens_per_second", ratio(one.reader.seen, elapsed), "tokens/s")
        report(f"{name}.answers_whole", int(one.reader.is_whole), "of 1")
        await one.close()
        if silent is not None:
            silent.close()
    report("slow_reader.memory_alone_mb", peaks[0], "MB")
    report("slow_reader.memory_with_silent_page_mb", peaks[1], "MB")


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="a short answer")
    arguments.add_argument("--tokens", type=int, help="length of the answer (at most 200000)")
    given = arguments.parse_args(words)
    tokens = min(given.tokens or (5_000 if given.smoke else 100_000), 200_000)
    plan = Plan((), 0, 50, tokens)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        installation = Installation(folder, stack.enter_context(upstream(folder)))
        installation.prepare(2, [plan.burst])
        server = stack.enter_context(installation.serving())
        asyncio.run(measure_slow_reader(installation, server, plan))


if __name__ == "__main__":
    main()
