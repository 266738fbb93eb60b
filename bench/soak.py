"""The whole product under load for a long time: its memory and resources must not grow.

python -m bench.soak [--smoke] [--minutes 30] [--streams 10] [--rate 50]

So many people open conversations, send prompts one after the other, watch the answers, leave in the middle
and come back, stop some, get errors, and read again what was said. Prints ``name value unit`` lines: how
fast the server's memory grows once it has warmed up, and at the end (least squares); what is open at the
start and at the end, each time with nobody there. With PYTHONTRACEMALLOC=1 also what Python holds. The
server runs on a fresh SQLite database. Ends by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
import uuid
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Origin

from bench.figures import report
from bench.installation import Installation, upstream
from bench.processes import Child
from bench.sockets import CSRF, Person

# Seconds of an answer, and the number of prompts of which one opens a new conversation.
_ANSWER_SECONDS = 8.0
_TURNS_IN_A_CONVERSATION = 6
_FAILING = ("scripted/unauthorised", "scripted/cut_mid_stream", "scripted/error_mid_stream", "scripted/html")
_PATIENCE = 90.0
# Caches fill first, so the slope leaves out this share of the time.
_WARM_UP_SHARE = 1 / 3
# The slope is also measured over the end: memory that levels off is not a leak.
_LAST_SHARE = 2 / 3
_SETTLE_SECONDS = 3.0


class Visitor:
    """A person who works until the time is over."""

    def __init__(self, installation: Installation, person: Person, seed: int) -> None:
        self.done: Counter[str] = Counter()
        self._origin = installation.origin
        self._endpoints = installation.endpoints
        self._cookie = person.cookies()
        self._paced, *self._failing = installation.endpoints
        self._dice = random.Random(seed)
        self._http = httpx.AsyncClient(
            base_url=self._origin,
            timeout=60,
            trust_env=False,
            headers={
                "Cookie": self._cookie,
                "X-CSRFToken": CSRF,
                "Origin": self._origin,
                "HX-Request": "true",
            },
        )

    async def work(self, until: float) -> None:
        async with self._http:
            while time.monotonic() < until:
                code = await self._send("/w/bench/send/", self._paced)
                await self._watch(code)
                for _ in range(self._dice.randrange(_TURNS_IN_A_CONVERSATION)):
                    if time.monotonic() >= until:
                        return
                    is_failing = self._dice.random() < 0.2
                    model = self._dice.choice(self._failing) if is_failing else self._paced
                    await self._send(f"/c/{code}/send/", model)
                    self.done["failing"] += is_failing
                    await self._watch(code)

    async def _send(self, path: str, model: str) -> str:
        data = {
            "text": "Go on.",
            "idempotency_key": str(uuid.uuid4()),
            "endpoint": str(self._endpoints[model]),
        }
        response = await self._http.post(path, data=data)
        if response.status_code != 200:
            raise RuntimeError(f"Sending was answered with {response.status_code}: {response.text[:500]}")
        self.done["prompts"] += 1
        return str(response.headers.get("HX-Redirect", "")).strip("/").rpartition("/")[2]

    async def _watch(self, code: str) -> None:
        """Read the page, then its socket to the end of the answer, with whatever people do meanwhile."""
        await self._http.get(f"/c/{code}/", headers={"HX-Request": "false"})
        chance = self._dice.random()
        until = time.monotonic() + _PATIENCE
        if chance < 0.3:
            self.done["left and came back"] += 1
            if await self._read(code, time.monotonic() + self._dice.uniform(0.2, _ANSWER_SECONDS / 2)):
                return
            await asyncio.sleep(self._dice.uniform(0, 2))
        is_stopping = chance > 0.8
        self.done["stopped"] += is_stopping
        is_whole = await self._read(code, until, is_stopping=is_stopping)
        self.done["never ended"] += not is_whole

    async def _connected(self, code: str, until: float) -> ClientConnection:
        """Connect as a page does, and again if the server was too busy."""
        while True:
            try:
                return await connect(
                    f"{self._origin.replace('http', 'ws', 1)}/ws/c/{code}/",
                    origin=Origin(self._origin),
                    additional_headers={"Cookie": self._cookie},
                    max_size=None,
                )
            except (InvalidHandshake, OSError):
                if time.monotonic() > until:
                    raise
                self.done["knocked again"] += 1
                await asyncio.sleep(self._dice.uniform(0.5, 1.5))

    async def _read(self, code: str, until: float, *, is_stopping: bool = False) -> bool:
        """Read frames; return whether the newest answer has ended."""
        stop_at = time.monotonic() + self._dice.uniform(0, _ANSWER_SECONDS / 2)
        async with await self._connected(code, until) as socket:
            await socket.send(json.dumps({"type": "hello", "head": "", "cursors": {}}))
            run = ""
            while time.monotonic() < until:
                with suppress(TimeoutError, ConnectionClosed):
                    frame = json.loads(await asyncio.wait_for(socket.recv(), 0.5))
                    if frame.get("ack"):
                        await socket.send(json.dumps({"type": "ack", "n": frame["n"]}))
                    run = next(iter(frame["cursors"]), run)
                    if not frame["cursors"] and ' data-run="' not in frame["html"]:
                        return True
                if is_stopping and run and time.monotonic() >= stop_at:
                    is_stopping = False
                    await socket.send(json.dumps({"type": "stop", "run": run}))
        return False


async def sample(server: Child, seconds: float, every: float) -> list[tuple[float, float]]:
    """Sample the server's memory from now on; return pairs of minutes and kB."""
    began, samples = time.monotonic(), []
    while (passed := time.monotonic() - began) < seconds:
        samples.append((passed / 60, server.memory_mb * 1000))
        await asyncio.sleep(every)
    return samples


def slope(samples: list[tuple[float, float]]) -> float | None:
    """Return the slope of the second values over the first, by least squares.

    >>> slope([(0, 1), (1, 3), (2, 5)])
    2.0
    """
    if len(samples) < 2:
        return None
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    spread = sum((x - mean_x) ** 2 for x, _ in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread if spread else None


async def counts(origin: str) -> dict[str, int]:
    """Count what is still open after every visitor has left."""
    await asyncio.sleep(_SETTLE_SECONDS)
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        found: dict[str, int] = (await client.get(f"{origin}/bench/counts/")).json()
        return found


async def measure(installation: Installation, server: Child, given: argparse.Namespace) -> None:
    visitors = [Visitor(installation, one, n) for n, one in enumerate(installation.take(2 * given.streams))]
    warm, visitors = visitors[: given.streams], visitors[given.streams :]
    # The first count must include everything that is made only once.
    await asyncio.gather(*(visitor.work(time.monotonic() + _ANSWER_SECONDS) for visitor in warm))
    before = await counts(installation.origin)
    seconds = given.minutes * 60
    sampling = asyncio.create_task(sample(server, seconds, max(0.5, seconds / 600)))
    await asyncio.gather(*(visitor.work(time.monotonic() + seconds) for visitor in visitors))
    after = await counts(installation.origin)
    report_all(given, visitors, await sampling, before, after)


def report_all(
    given: argparse.Namespace,
    visitors: list[Visitor],
    samples: list[tuple[float, float]],
    before: dict[str, int],
    after: dict[str, int],
) -> None:
    report("soak.minutes", given.minutes, "minutes")
    done = sum((visitor.done for visitor in visitors), Counter[str]())
    for what in ("prompts", "failing", "stopped", "left and came back", "knocked again", "never ended"):
        report(f"soak.{what.replace(' ', '_')}", done[what], "prompts")
    warm = [entry for entry in samples if entry[0] >= given.minutes * _WARM_UP_SHARE]
    report("soak.memory_slope", slope(warm), "kB/minute")
    last = [entry for entry in samples if entry[0] >= given.minutes * _LAST_SHARE]
    report("soak.memory_slope_at_the_end", slope(last), "kB/minute")
    report("soak.memory_first", samples[0][1] / 1000, "MB")
    report("soak.memory_last", samples[-1][1] / 1000, "MB")
    for what in before:
        report(f"soak.{what}_at_start", before[what], what)
        report(f"soak.{what}_at_end", after[what], what)


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="twelve seconds")
    arguments.add_argument("--minutes", type=float, help="how long (at most 1440)")
    arguments.add_argument("--streams", type=int, help="people at once (at most 500)")
    arguments.add_argument("--rate", type=float, default=50.0, help="tokens a second and answer")
    given = arguments.parse_args(words)
    given.minutes = min(given.minutes or (0.2 if given.smoke else 5), 1440)
    given.streams = min(given.streams or (3 if given.smoke else 10), 500)
    paced = f"scripted/paced?rate={given.rate:g}&tokens={round(given.rate * _ANSWER_SECONDS)}&stamp=0"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        installation = Installation(folder, stack.enter_context(upstream(folder)))
        installation.prepare(2 * given.streams, [paced, *_FAILING])
        server = stack.enter_context(installation.serving("-m", "bench.counting_server"))
        asyncio.run(measure(installation, server, given))


if __name__ == "__main__":
    main()
