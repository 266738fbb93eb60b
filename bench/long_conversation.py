"""Time to open a conversation of 1,000 messages, on the server and in a browser.

python -m bench.long_conversation [--smoke] [--messages 1000]

Prints ``name value unit`` lines, next to the same figures of an empty conversation. Needs Chromium for the
browser's share (its path in CHROMIUM, or on the search path).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import httpx

from bench.browser import opened_page
from bench.chromium import CHROMIUM
from bench.figures import percentile, report
from bench.installation import Installation, upstream

if TYPE_CHECKING:
    from bench.processes import Child
    from bench.sockets import Person

MODEL = "scripted/document?tokens=1"
MESSAGES = 1_000
KEYS = 40
KEY_MS = 120

# Times count from the start of the navigation. Parts that load later count when they are complete.
_OPENED = """() => {
  const [navigation] = performance.getEntriesByType("navigation");
  const [painted] = performance.getEntriesByName("first-contentful-paint");
  return {
    answered: navigation.responseEnd,
    ready: navigation.domContentLoadedEventEnd,
    loaded: navigation.loadEventEnd,
    painted: painted ? painted.startTime : null,
  };
}"""


def measure_server(server: Child, installation: Installation, person: Person, name: str, times: int) -> None:
    with httpx.Client(base_url=installation.origin, headers={"Cookie": person.cookies()}, timeout=60) as page:
        address = f"/c/{person.conversation}/"
        elapsed, cpu = [], []
        for _ in range(times + 1):
            before, started = server.cpu_seconds, time.perf_counter()
            answer = page.get(address)
            elapsed.append((time.perf_counter() - started) * 1000)
            cpu.append((server.cpu_seconds - before) * 1000)
            if answer.status_code != 200:
                raise RuntimeError(f"The page was answered with {answer.status_code}.")
    # The first page after a start renders every message.
    report(f"{name}.server.first_page_ms", elapsed[0], "ms")
    report(f"{name}.server.page_ms", median(elapsed[1:]), "ms")
    report(f"{name}.server.page_cpu_ms", sum(cpu[1:]) / times, "ms")
    report(f"{name}.server.page_kb", len(answer.content) / 1000, "kB")


def measure_page(installation: Installation, person: Person, name: str, times: int) -> None:
    opened: list[dict[str, Any]] = []
    with opened_page(installation, person) as page:
        for _ in range(times):
            page.goto("about:blank")
            page.goto(f"/c/{person.conversation}/")
            page.locator(".earlier [hx-trigger^=load]").wait_for(state="detached")
            whole = page.evaluate("performance.now()")
            # The browser records the end of loading only after the load handlers.
            page.wait_for_timeout(KEY_MS)
            opened.append({**page.evaluate(_OPENED), "whole": whole})
        page.locator(".prompt").click()
        for place in range(KEYS):
            page.keyboard.press("x" if place % 12 else "Space")
            page.wait_for_timeout(KEY_MS)
        noted = page.evaluate("noted")
    for moment in ("answered", "painted", "ready", "loaded", "whole"):
        values = [one[moment] for one in opened if one[moment] is not None]
        report(f"{name}.page.{moment}_ms", median(values) if values else None, "ms")
    tasks = [duration for start, duration in noted["tasks"] if start > opened[-1]["ready"]]
    report(f"{name}.page.longest_task_after_ready_ms", max(tasks, default=0.0), "ms")
    keys = [*noted["keys"], *[0.0] * (KEYS - len(noted["keys"]))]
    report(f"{name}.page.typing_p99_ms", percentile(keys, 0.99), "ms")
    report(f"{name}.page.typing_worst_ms", max(keys), "ms")


def measure_all(messages: int, times: int) -> None:
    report("machine.load_before", os.getloadavg()[0], "processes")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        installation = Installation(folder, stack.enter_context(upstream(folder)))
        installation.prepare(2, [MODEL], messages=messages)
        server = stack.enter_context(installation.serving())
        long, empty = installation.take(2)
        for person, name in ((empty, "long_conversation.0"), (long, f"long_conversation.{messages}")):
            measure_server(server, installation, person, name, times)
            if CHROMIUM:
                measure_page(installation, person, name, times)
            else:
                print(f"{name}.page: skipped, there is no Chromium: set CHROMIUM", file=sys.stderr)


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="a hundred messages, two pages")
    arguments.add_argument("--messages", type=int, help="how many the conversation has")
    given = arguments.parse_args(words)
    messages = given.messages or (100 if given.smoke else MESSAGES)
    measure_all(messages, 2 if given.smoke else 10)


if __name__ == "__main__":
    main()
