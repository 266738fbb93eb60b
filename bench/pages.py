"""Server time and size of every page of a large team, and how soon some react to clicks and keys.

python -m bench.pages [--smoke] [--entries 1000000] [--server-only]

With DATABASE_URL on that database, which must be an empty one; else on a fresh SQLite file. Prints
``name value unit`` lines: for each page the time of the first request after the server's start, the median of
further ones, and its size. The pages are those of the URL conf. The browser's share needs Chromium (its path
in CHROMIUM, or on the search path): every visible menu, search field and switch of a page is used by mouse
and by keyboard, and the browser reports the time from each interaction to the next paint (Event Timing).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import httpx

from bench.browser import opened_page
from bench.chromium import CHROMIUM
from bench.figures import percentile, report
from bench.installation import Installation, shared_services, upstream
from bench.sockets import Person

if TYPE_CHECKING:
    from playwright.sync_api import Locator
    from playwright.sync_api import Page as Tab

# Pages with other data than their bare address shows, by the name of their figures.
_VARIANTS = {
    "usage_today": "usage?range=today",
    "usage_90_days": "usage?first={ago_89}&last={today}",
    "usage_all_today": "usage_all?range=today",
    "usage_all_90_days": "usage_all?first={ago_89}&last={today}",
    "usage_all_year": "usage_all?first={ago_365}&last={today}",
    "usage_all_by_model": "usage_all?by=model",
    "usage_all_by_group": "usage_all?by=group&first={ago_365}&last={today}",
    "usage_all_by_day": "usage_all?by=day&first={ago_365}&last={today}",
    "people_found": "people?q=ana&sort=newest",
    "limits_by_share": "limits?sort=share",
    "usage_all_by_group_90_days": "usage_all?by=group&first={ago_89}&last={today}",
    "usage_all_by_key": "usage_all?by=key&first={ago_89}&last={today}",
    "capped_keys_found": "capped_keys?q=chiara",
}
# Pages that react to clicks and keys; "chat" is a conversation of 300 messages.
PAGES = {
    "new_chat": "/w/team/",
    "chat": "/c/{conversation}/",
    "people": "/w/team/people/",
    "keys": "/w/team/keys/",
    "limits": "/w/team/limits/",
    "usage": "/w/team/usage/",
    "usage_all": "/w/team/usage/all/",
    "providers": "/w/team/providers/",
    "models": "/w/team/models/",
    "catalogue": "/w/team/catalogue/",
}
# At most so many controls of a kind are used on a page.
_CONTROLS = 4
# Every interaction of a page, by its id: the longest of its events counts, as for the web's own INP.
_NOTE_INTERACTIONS = """
window.interactions = new Map();
new PerformanceObserver((list) => {
  for (const { interactionId, duration } of list.getEntries()) {
    if (!interactionId) continue;
    window.interactions.set(interactionId, Math.max(duration, window.interactions.get(interactionId) ?? 0));
  }
}).observe({ type: "event", durationThreshold: 16, buffered: true });
"""
# An interaction that is painted within 16 ms is not reported.
_UNREPORTED_MS = 8.0


def measure_server(installation: Installation, person: Person, addresses: dict[str, str], times: int) -> None:
    with httpx.Client(
        base_url=installation.origin, headers={"Cookie": person.cookies()}, timeout=60
    ) as client:
        for name, address in (addresses | variants(addresses)).items():
            elapsed = []
            for _ in range(times + 1):
                started = time.perf_counter()
                with client.stream("GET", address) as answer:
                    # A download of all usage takes minutes, and is no page.
                    if not is_page(answer):
                        break
                    answer.read()
                elapsed.append((time.perf_counter() - started) * 1000)
            else:
                report(f"pages.{name}.first_ms", elapsed[0], "ms")
                report(f"pages.{name}.server_ms", median(elapsed[1:]), "ms")
                report(f"pages.{name}.kb", len(answer.content) / 1000, "kB")
            if answer.status_code in (400, 404) or answer.status_code >= 500:
                print(f"pages.{name}: skipped, it was answered with {answer.status_code}", file=sys.stderr)


def is_page(answer: httpx.Response) -> bool:
    """Tell pages from actions, which refuse the method, from downloads and from addresses that lead on."""
    return answer.status_code == 200 and answer.headers.get("content-type", "").startswith("text/html")


def variants(addresses: dict[str, str]) -> dict[str, str]:
    today = datetime.now(UTC).date()
    days = {f"ago_{days}": today - timedelta(days=days) for days in (89, 365)}
    found = {}
    for name, variant in _VARIANTS.items():
        page, _, query = variant.partition("?")
        found[name] = f"{addresses[page]}?{query.format(today=today, **days)}"
    return found


def measure_reactions(installation: Installation, person: Person) -> None:
    together: list[float] = []
    with opened_page(installation, person) as tab:
        tab.add_init_script(_NOTE_INTERACTIONS)
        for name, address in PAGES.items():
            tab.goto(address.format(conversation=person.conversation))
            tab.wait_for_load_state("networkidle")
            count = use(tab)
            reported = list(tab.evaluate("[...window.interactions.values()]"))
            took = [*reported, *[_UNREPORTED_MS] * (count - len(reported))]
            report(f"pages.{name}.interaction_p75_ms", percentile(took, 0.75), "ms")
            report(f"pages.{name}.interaction_worst_ms", max(took, default=0.0), "ms")
            together += took
    report("pages.interactions", len(together), "interactions")
    report("pages.interaction_p75_ms", percentile(together, 0.75), "ms")


def use(tab: Tab) -> int:
    """Use what the page offers without leaving or changing it; return the number of interactions."""
    count = 0
    for menu in _visible(tab, "details > summary"):
        menu.click()
        tab.keyboard.press("Escape")
        count += 2
    for field in _visible(tab, "input[type=search], textarea.prompt, input[type=text]"):
        field.click()
        for key in ("a", "n", "a", "Backspace", "Backspace", "Backspace"):
            tab.keyboard.press(key)
        count += 7
    tab.keyboard.press("Escape")
    for _ in range(8):
        tab.keyboard.press("Tab")
    # Event Timing reports an entry after the frame in which it was painted.
    tab.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    return count + 9


def _visible(tab: Tab, selector: str) -> list[Locator]:
    found = [one for one in tab.locator(selector).all() if one.is_visible() and one.is_enabled()]
    return found[:_CONTROLS]


def measure_all(entries: int, times: int, *, is_server_only: bool) -> None:
    report("machine.load_before", os.getloadavg()[0], "processes")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        base_url = stack.enter_context(upstream(folder))
        installation = Installation(folder, base_url, **shared_services())
        started = time.monotonic()
        made = installation.fill("bench.team", "--base-url", base_url, f"--entries={entries}")
        report("pages.filled_s", time.monotonic() - started, "s")
        person = Person(made["session"], made["conversation"])
        stack.enter_context(installation.serving())
        measure_server(installation, person, made["addresses"], times)
        if is_server_only:
            return
        if CHROMIUM:
            measure_reactions(installation, person)
        else:
            print("pages.interactions: skipped, there is no Chromium: set CHROMIUM", file=sys.stderr)


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="few entries, two requests a page")
    arguments.add_argument("--entries", type=int, help="how many the ledger has")
    arguments.add_argument("--server-only", action="store_true", help="no browser")
    given = arguments.parse_args(words)
    entries = given.entries or (1_000 if given.smoke else 1_000_000)
    measure_all(entries, 2 if given.smoke else 10, is_server_only=given.server_only)


if __name__ == "__main__":
    main()
