"""A long answer in a real browser: tasks that block the page, and processor time of the server.

python -m bench.long_answer [--smoke] [--tokens 20000] [--rate 200] [--long 100000]

Prints ``name value unit`` lines. Keys are typed into the composer all the while. Needs Chromium (its path in
CHROMIUM, or on the search path); without one only the server's share is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.browser import opened_page
from bench.chromium import CHROMIUM
from bench.figures import percentile, ratio, report
from bench.installation import Installation, upstream
from bench.processes import Child
from bench.reader import Reader
from bench.sockets import CSRF, Person, Watched, send_all

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHORT = 1_000
SHORT_RUNS = 20
# The cost of sending and ending, measured with a tiny answer and subtracted from the others.
EMPTY = 1
SETTLE_SECONDS = 2.0
# Few people type faster than this for long.
KEY_MS = 120


@dataclass(frozen=True, slots=True)
class Plan:
    tokens: int
    rate: float
    long: int

    @property
    def paced(self) -> str:
        return f"scripted/document?tokens={self.tokens}&rate={self.rate:g}"

    @staticmethod
    def burst(tokens: int) -> str:
        return f"scripted/document?tokens={tokens}"

    @property
    def models(self) -> list[str]:
        return [self.paced, *map(self.burst, (EMPTY, SHORT, self.long))]


# --- the browser ---


def measure_page(installation: Installation, plan: Plan) -> None:
    [person] = installation.take(1)
    with opened_page(installation, person) as page:
        page.locator(".prompt").click()
        before = page.evaluate("performance.now()")
        send(installation, page, person, plan.paced)
        page.locator(".thread [data-run]").wait_for(state="attached")
        deadline = time.monotonic() + plan.tokens / plan.rate * 2 + 60
        typed = 0
        while not page.evaluate("noted.endedAt") and time.monotonic() < deadline:
            page.keyboard.press("x" if typed % 12 else "Space")
            typed += 1
            page.wait_for_timeout(KEY_MS)
        page.wait_for_timeout(SETTLE_SECONDS * 1000)
        noted = page.evaluate("noted")
        live = page.locator(".thread").evaluate("thread => thread.innerHTML")
        page.reload()
        reloaded = page.locator(".thread").evaluate("thread => thread.innerHTML")
    report_page(noted, before, typed)
    report("long_answer.page.equals_reloaded", int(live == reloaded), "of 1")


def report_page(noted: dict[str, Any], before: float, typed: int) -> None:
    ended = noted["endedAt"]
    if ended is None:
        report("long_answer.page.ended", 0, "of 1")
        return
    tasks = [(start, duration) for start, duration in noted["tasks"] if start >= before]
    # The task that shows the end begins before the page has noted it.
    at_end = [duration for start, duration in tasks if start + duration >= ended]
    earlier = [duration for start, duration in tasks if start + duration < ended]
    # The browser does not report tasks under 50 ms and keys under 16 ms.
    report("long_answer.page.longest_task_before_end_ms", max(earlier, default=0.0), "ms")
    report("long_answer.page.longest_task_at_end_ms", max(at_end, default=0.0), "ms")
    report("long_answer.page.long_tasks", len(tasks), "tasks")
    keys = [*noted["keys"], *[0.0] * (typed - len(noted["keys"]))]
    report("long_answer.page.typing_p99_ms", percentile(keys, 0.99), "ms")
    report("long_answer.page.typing_worst_ms", max(keys, default=0.0), "ms")


_SEND = """async ([url, csrf, text, endpoint]) => {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "X-CSRFToken": csrf, "HX-Request": "true" },
    body: new URLSearchParams({ text, endpoint, idempotency_key: crypto.randomUUID() }),
  });
  return answer.status;
}"""


def send(installation: Installation, page: Page, person: Person, model: str) -> None:
    url = f"/c/{person.conversation}/send/"
    status = page.evaluate(_SEND, [url, CSRF, "Go.", str(installation.endpoints[model])])
    if status != 200:
        raise RuntimeError(f"Sending was answered with {status}.")


# --- the server ---


class Drain(Reader):
    """A page that only counts frames, since the words of a document are not numbered."""

    is_ended = False

    @property
    def is_done(self) -> bool:
        return self.is_ended

    def take(self, html: str) -> None:
        now = time.monotonic_ns() // 1000
        self.frames += 1
        self.characters += len(html)
        self.first_at, self.last_at = self.first_at or now, now
        self.is_ended = self.is_ended or 'data-status="finished"' in html


async def cost_of(installation: Installation, server: Child, tokens: int) -> tuple[float, float | None]:
    """Return the processor seconds of one answer from sending to end, and its tokens per second."""
    [person] = installation.take(1)
    reader = Drain(tokens)
    one = await Watched.open(installation.origin, person, reader)
    before = server.cpu_seconds
    await send_all([one], installation.endpoints[Plan.burst(tokens)])
    await one.finished(300)
    await one.close()
    if not reader.is_done:
        raise RuntimeError(f"An answer of {tokens} tokens did not end.")
    elapsed = ((reader.last_at or 0) - (reader.first_at or 0)) / 1e6
    return server.cpu_seconds - before, ratio(tokens, elapsed)


async def mean_cost(installation: Installation, server: Child, tokens: int) -> float:
    costs = [(await cost_of(installation, server, tokens))[0] for _ in range(SHORT_RUNS)]
    return sum(costs) / len(costs)


async def measure_server(installation: Installation, server: Child, plan: Plan) -> None:
    await cost_of(installation, server, SHORT)
    empty = await mean_cost(installation, server, EMPTY)
    short_us = (await mean_cost(installation, server, SHORT) - empty) / SHORT * 1e6
    cpu, rate = await cost_of(installation, server, plan.long)
    long_us = (cpu - empty) / plan.long * 1e6
    report("long_answer.server.per_token_short_us", short_us, "us")
    report("long_answer.server.per_token_long_us", long_us, "us")
    report("long_answer.server.long_to_short", ratio(long_us, short_us), "ratio")
    report("long_answer.server.burst_tokens_per_second", rate, "tokens/s")


def measure_all(plan: Plan) -> None:
    report("machine.load_before", os.getloadavg()[0], "processes")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        installation = Installation(folder, stack.enter_context(upstream(folder)))
        installation.prepare(2 * SHORT_RUNS + 3, plan.models)
        server = stack.enter_context(installation.serving())
        if CHROMIUM:
            measure_page(installation, plan)
        else:
            print("long_answer.page: skipped, there is no Chromium: set CHROMIUM", file=sys.stderr)
        asyncio.run(measure_server(installation, server, plan))


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="seconds instead of minutes")
    arguments.add_argument("--tokens", type=int, help="length of the answer in the browser")
    arguments.add_argument("--rate", type=float, help="its tokens per second")
    arguments.add_argument("--long", type=int, help="length of the long answer of the server's share")
    given = arguments.parse_args(words)
    tokens = given.tokens or (1_000 if given.smoke else 20_000)
    rate = given.rate or (400 if given.smoke else 200)
    long = given.long or (5_000 if given.smoke else 100_000)
    measure_all(Plan(tokens, rate, max(long, SHORT)))


if __name__ == "__main__":
    main()
