"""Answers that stream through the whole product, each to a socket of its own.

python -m bench.relay [--smoke] [--streams 1 50 100] [--seconds 20] [--rate 50]

Prints ``name value unit`` lines. The upstream, the server, the floor and this reader are processes of
their own; the server runs on a fresh SQLite database with limits in force. Ends by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from websockets.asyncio.client import connect

from bench.figures import percentile, ratio, report
from bench.installation import Installation, upstream
from bench.processes import Child, environment, free_port, run, running, wait_for
from bench.reader import Reader
from bench.sockets import Person, Watched, read_frames, send_all

_STAMP = 5
_SHORT_RUNS = 12
_SHORT_TOKENS = 20
_SHORT_PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Plan:
    streams: tuple[int, ...]
    seconds: float
    rate: float
    burst_tokens: int

    @property
    def tokens(self) -> int:
        return max(10, round(self.seconds * self.rate))

    def paced(self, streams: int) -> str:
        """Return a model whose streams all start together, after the cost of sending has passed."""
        options = f"rate={self.rate:g}&tokens={self.tokens}&stamp={_STAMP}&together={streams}"
        return f"scripted/paced?{options}"

    @property
    def short(self) -> str:
        return f"scripted/paced?rate={self.rate:g}&tokens={_SHORT_TOKENS}&stamp=1"

    @property
    def burst(self) -> str:
        return f"scripted/long?tokens={self.burst_tokens}"

    @property
    def patience(self) -> float:
        """Return the seconds after which an answer counts as lost."""
        return self.seconds * 3 + 60


@dataclass(slots=True)
class Window:
    """Tokens and processor time of the server while all streams run."""

    tokens: int = 0
    cpu_seconds: float = 0.0


async def steady(watched: list[Watched], server: Child, tokens: int) -> Window:
    """Start the measurement when every stream runs, and end it with the first stream."""
    readers = [one.reader for one in watched]
    await until(watched, lambda: all(reader.seen >= 1 for reader in readers))
    seen, cpu = sum(reader.seen for reader in readers), server.cpu_seconds
    await until(watched, lambda: any(reader.seen >= tokens for reader in readers))
    return Window(sum(reader.seen for reader in readers) - seen, server.cpu_seconds - cpu)


async def until(watched: list[Watched], is_reached: Callable[[], bool]) -> None:
    """Poll until the condition holds; give up when no reader is left."""
    while True:
        if is_reached() or all(one.reading.done() for one in watched):
            return
        await asyncio.sleep(0.02)


async def measure(
    installation: Installation, server: Child, plan: Plan, count: int, *, name: str = "", watched_at: str = ""
) -> None:
    """Let ``count`` people watch one answer each; name the figures ``name``, or relay.<count>."""
    people = installation.take(count)
    watched = [
        await Watched.open(installation.origin, one, Reader(plan.tokens), watched_at=watched_at)
        for one in people
    ]
    before, memory = server.cpu_seconds, server.memory_mb
    window_task = asyncio.create_task(steady(watched, server, plan.tokens))
    await send_all(watched, installation.endpoints[plan.paced(count)])
    peak = 0.0
    deadline = time.monotonic() + plan.patience
    while time.monotonic() < deadline and not all(one.reading.done() for one in watched):
        peak = max(peak, server.memory_mb)
        await asyncio.sleep(0.25)
    whole_cpu = server.cpu_seconds - before
    window = window_task.result() if window_task.done() else Window()
    window_task.cancel()
    for one in watched:
        await one.close()
    stored = installation.stored(people, plan.tokens)
    name = name or f"relay.{count}"
    report_answers(name, watched, stored, window, whole_cpu)
    report(f"{name}.memory_peak_mb", peak, "MB")
    report(f"{name}.memory_per_stream_kb", (peak - memory) * 1000 / count, "kB")


def report_answers(name: str, watched: list[Watched], stored: int, window: Window, whole_cpu: float) -> None:
    readers = [one.reader for one in watched]
    count = len(readers)
    lags = [lag for reader in readers for lag in reader.lags_ms]
    report(f"{name}.tokens_per_cpu_second", ratio(window.tokens, window.cpu_seconds), "tokens/s")
    seen = sum(reader.seen for reader in readers)
    report(f"{name}.tokens_per_cpu_second_with_send_and_end", ratio(seen, whole_cpu), "tokens/s")
    report(f"{name}.answers_whole", sum(reader.is_whole for reader in readers), f"of {count}")
    report(f"{name}.answers_stored_whole", stored, f"of {count}")
    report(f"{name}.lag_p50_ms", percentile(lags, 0.5), "ms")
    report(f"{name}.lag_p99_ms", percentile(lags, 0.99), "ms")
    report(f"{name}.frames_per_stream", sum(reader.frames for reader in readers) / count, "frames")


async def measure_first_tokens(installation: Installation, plan: Plan) -> None:
    """Measure with short answers the delay added to the first token, and the wait of a person."""
    added, waited = [], []
    for person in installation.take(_SHORT_RUNS):
        one = await Watched.open(installation.origin, person, Reader(_SHORT_TOKENS))
        await send_all([one], installation.endpoints[plan.short])
        await one.finished(_SHORT_PATIENCE)
        await one.close()
        if one.reader.first_lag_ms is not None and one.reader.first_at is not None:
            added.append(one.reader.first_lag_ms)
            waited.append(one.reader.first_at / 1000 - one.sent_at * 1000)
    report("relay.1.first_token_ms", percentile(added, 0.5), "ms")
    report("relay.1.first_token_worst_ms", percentile(added, 1.0), "ms")
    report("relay.1.send_to_first_token_ms", percentile(waited, 0.5), "ms")


async def measure_burst(installation: Installation, server: Child, plan: Plan) -> None:
    """Measure one answer that is written as fast as the upstream can."""
    [person] = installation.take(1)
    one = await Watched.open(installation.origin, person, Reader(plan.burst_tokens))
    before = server.cpu_seconds
    await send_all([one], installation.endpoints[plan.burst])
    await one.finished(plan.patience)
    await one.close()
    reader = one.reader
    elapsed = ((reader.last_at or 0) - (reader.first_at or 0)) / 1e6
    report("relay.burst.tokens_per_second", ratio(reader.seen, elapsed), "tokens/s")
    report("relay.burst.tokens_per_cpu_second", ratio(reader.seen, server.cpu_seconds - before), "tokens/s")
    report("relay.burst.answers_whole", int(reader.is_whole), "of 1")


def measure_floor(base_url: str, plan: Plan, count: int) -> None:
    words = [
        "-m",
        "bench.floor",
        "--base-url",
        base_url,
        "--model",
        plan.paced(count),
        "--streams",
        str(count),
    ]
    result = json.loads(run(words, environment(), timeout=plan.patience))
    rate = ratio(result["events"], result["cpu_seconds"])
    report(f"relay.{count}.floor_read_tokens_per_cpu_second", rate, "tokens/s")


async def measure_bare(base_url: str, plan: Plan, count: int, folder: Path) -> None:
    """Measure the same streams through a relay without database or rendering."""
    port = free_port()
    words = ["-m", "bench.bare", "--base-url", base_url, "--port", str(port)]
    with running(words, environment(), folder / "bare.log") as server:
        wait_for(f"http://127.0.0.1:{port}/", server)
        watched = []
        for _ in range(count):
            reader = Reader(plan.tokens)
            address = f"ws://127.0.0.1:{port}/{quote(plan.paced(count), safe='')}"
            socket = await connect(address, compression=None, max_size=None)
            task = asyncio.create_task(read_frames(socket, reader))
            watched.append(Watched("", Person("", ""), reader, socket, task))
        for one in watched:
            await one.socket.send('{"type": "hello"}')
        window = await asyncio.wait_for(steady(watched, server, plan.tokens), plan.patience)
        for one in watched:
            await one.close()
    lags = [lag for one in watched for lag in one.reader.lags_ms]
    name = f"relay.{count}.bare"
    report(f"{name}_tokens_per_cpu_second", ratio(window.tokens, window.cpu_seconds), "tokens/s")
    report(f"{name}_lag_p50_ms", percentile(lags, 0.5), "ms")
    report(f"{name}_lag_p99_ms", percentile(lags, 0.99), "ms")


def measure_all(plan: Plan) -> None:
    # The signal becomes an exception, so that no server or upstream is left running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))
    # On a busy machine frames get rarer and larger, and the figures mean nothing.
    report("machine.load_before", os.getloadavg()[0], "processes")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        base_url = stack.enter_context(upstream(folder))
        installation = Installation(folder, base_url)
        people = sum(plan.streams) + _SHORT_RUNS + 1
        installation.prepare(people, [*map(plan.paced, plan.streams), plan.short, plan.burst])
        server = stack.enter_context(installation.serving())
        report("server.start_to_first_page_s", installation.start_seconds, "s")
        report("server.idle_memory_mb", server.memory_mb, "MB")
        asyncio.run(measure_first_tokens(installation, plan))
        for count in plan.streams:
            asyncio.run(measure(installation, server, plan, count))
        asyncio.run(measure_burst(installation, server, plan))
        most = max(plan.streams)
        measure_floor(base_url, plan, most)
        asyncio.run(measure_bare(base_url, plan, most, folder))


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="seconds instead of minutes")
    arguments.add_argument("--streams", type=int, nargs="+", help="how many at once, one round each")
    arguments.add_argument("--seconds", type=float, help="how long an answer takes (at most 300)")
    arguments.add_argument("--rate", type=float, default=50, help="tokens per second of each stream")
    given = arguments.parse_args(words)
    streams = given.streams or ([1, 10] if given.smoke else [1, 50, 100])
    seconds = given.seconds or (2 if given.smoke else 20)
    measure_all(
        Plan(
            streams=tuple(dict.fromkeys(min(max(count, 1), 1000) for count in streams)),
            seconds=min(seconds, 300),
            rate=min(max(given.rate, 1), 1000),
            burst_tokens=2_000 if given.smoke else 20_000,
        )
    )


if __name__ == "__main__":
    main()
