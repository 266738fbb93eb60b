"""A page that shows a stream: the time of its main thread for each token, in scripts, style, layout and all.

python -m bench.streamed_page [--smoke] [--tokens 2000] [--rate 100] [--times 1]

Prints ``name value unit`` lines. The text is Markdown with lists, tables and code, and nobody types. Needs
Chromium (its path in CHROMIUM, or on the search path) and Linux, which counts the processor time.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from bench.browser import opened_page
from bench.chromium import CHROMIUM
from bench.figures import report
from bench.installation import Installation, upstream
from bench.long_answer import send

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

    from bench.sockets import Person

# The browser's counters of elapsed time, and what their figures are called.
COUNTERS = {
    "TaskDuration": "tasks",
    "ScriptDuration": "scripts",
    "RecalcStyleDuration": "style",
    "LayoutDuration": "layout",
}


def busy_ms(page: Page) -> tuple[float, float]:
    """Return the processor time of the main threads of renderers, and that of all threads of the browser."""
    assert page.context.browser
    session = page.context.browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    renderers = [each["id"] for each in processes if each["type"] == "renderer"]
    main = sum(_scheduled(Path(f"/proc/{each}")) for each in renderers)
    threads = [thread for each in processes for thread in Path(f"/proc/{each['id']}/task").iterdir()]
    return main, sum(map(_scheduled, threads))


def _scheduled(thread: Path) -> float:
    return int((thread / "schedstat").read_text().split()[0]) / 1e6


def counters(session: CDPSession) -> dict[str, float]:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return {each["name"]: each["value"] * 1000 for each in metrics if each["name"] in COUNTERS}


def measure(page: Page, installation: Installation, person: Person, tokens: int, rate: float) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    send(installation, page, person, f"scripted/document?tokens={tokens}&rate={rate:g}")
    page.locator(".thread [data-run] .answer .markdown > *").first.wait_for(state="attached")
    before, started, busy = counters(session), page.evaluate("performance.now()"), busy_ms(page)
    seconds = tokens / rate
    # Neither the start of the answer nor its end belongs to a token.
    time.sleep(seconds * 0.9)
    main, whole = (now - then for now, then in zip(busy_ms(page), busy, strict=True))
    after, ended = counters(session), page.evaluate("performance.now()")
    noted = page.evaluate("noted")
    came = (ended - started) / 1000 * rate
    report("streamed_page.main_thread_ms_per_token", main / came, "ms")
    report("streamed_page.whole_browser_ms_per_token", whole / came, "ms")
    for counter, name in COUNTERS.items():
        report(f"streamed_page.{name}_ms_per_token", (after[counter] - before[counter]) / came, "ms")
    tasks = [duration for start, duration in noted["tasks"] if started <= start <= ended]
    report("streamed_page.long_tasks", len(tasks), "tasks")
    report("streamed_page.longest_task_ms", max(tasks, default=0.0), "ms")


def measure_all(tokens: int, rate: float, times: int) -> None:
    report("machine.load_before", os.getloadavg()[0], "processes")
    if not CHROMIUM:
        print("streamed_page: skipped, there is no Chromium: set CHROMIUM", file=sys.stderr)
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        installation = Installation(folder, stack.enter_context(upstream(folder)))
        installation.prepare(times, [f"scripted/document?tokens={tokens}&rate={rate:g}"])
        stack.enter_context(installation.serving())
        for person in installation.take(times):
            with opened_page(installation, person) as page:
                measure(page, installation, person, tokens, rate)


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="seconds instead of minutes")
    arguments.add_argument("--tokens", type=int, help="length of the answer")
    arguments.add_argument("--rate", type=float, default=100, help="its tokens per second")
    arguments.add_argument("--times", type=int, default=1, help="how many answers")
    given = arguments.parse_args(words)
    measure_all(given.tokens or (300 if given.smoke else 2_000), given.rate, given.times)


if __name__ == "__main__":
    main()
