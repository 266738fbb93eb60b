"""Answers that one server process relays and the sockets of another show.

REDIS_URL=redis://… [DATABASE_URL=postgres://…] python -m bench.across [--smoke] [--streams 20] [--seconds 10]

The database must be one that may be filled: it is migrated and keeps what the measurement writes. Without
one it is a fresh SQLite file. Prints ``name value unit`` lines; the processor time is that of the process
that relays.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.installation import Installation, shared_services, upstream
from bench.relay import Plan, measure


def measure_across(plan: Plan, shared: dict[str, str]) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        base_url = stack.enter_context(upstream(folder))
        installation = Installation(folder, base_url, **shared)
        installation.prepare(sum(plan.streams), [plan.paced(count) for count in plan.streams])
        server = stack.enter_context(installation.serving())
        other = stack.enter_context(installation.serving_also())
        for count in plan.streams:
            name = f"across.{count}"
            asyncio.run(measure(installation, server, plan, count, name=name, watched_at=other))


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="seconds instead of minutes")
    arguments.add_argument("--streams", type=int, nargs="+", help="how many at once, one round each")
    arguments.add_argument("--seconds", type=float, help="how long an answer takes (at most 300)")
    given = arguments.parse_args(words)
    shared = shared_services()
    if "REDIS_URL" not in shared:
        print("across: skipped, server processes share a Redis: set REDIS_URL", file=sys.stderr)
        return
    streams = given.streams or ([2] if given.smoke else [1, 20])
    measure_across(
        Plan(
            streams=tuple(dict.fromkeys(min(max(count, 1), 1000) for count in streams)),
            seconds=min(given.seconds or (2 if given.smoke else 10), 300),
            rate=50,
            burst_tokens=0,
        ),
        shared,
    )


if __name__ == "__main__":
    main()
