"""A page in a real browser that records long tasks and delayed keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.chromium import CHROMIUM
from bench.sockets import CSRF, Person

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from bench.installation import Installation

# The page itself records long tasks, keys that waited, and when the answer ended.
_OBSERVERS = """
(() => {
  const noted = { tasks: [], keys: [], endedAt: null };
  window.noted = noted;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) noted.tasks.push([startTime, duration]);
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) if (name === "keydown") noted.keys.push(duration);
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
  const look = () => {
    const isEnded = document.querySelector(".thread [data-status=finished]");
    if (isEnded) noted.endedAt ??= performance.now();
  };
  document.addEventListener("live:applied", look, { capture: true });
})();
"""


@contextmanager
def opened_page(installation: Installation, person: Person, path: str = "") -> Iterator[Page]:
    """Open a page of the person, by default that of the conversation."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=installation.origin)
        context.add_cookies(
            [
                {"name": "sessionid", "value": person.session, "url": installation.origin},
                {"name": "csrftoken", "value": CSRF, "url": installation.origin},
            ]
        )
        page = context.new_page()
        page.add_init_script(_OBSERVERS)
        page.goto(path or f"/c/{person.conversation}/")
        yield page
        browser.close()
