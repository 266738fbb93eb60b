"""Two conversations on one page, each with its composer, and one socket for both."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

PART = re.compile(r'<div class="scroller".*?(?=<div class="drop-target")', re.DOTALL)
# Runs when the page is parsed, before its modules.
ADD_THREAD = """document.addEventListener("readystatechange", () => {
  if (document.readyState !== "interactive") return;
  const thread = Object.assign(document.createElement("section"), { innerHTML: %s });
  thread.setAttribute("hx-ext", "live");
  thread.dataset.thread = %s;
  const main = document.querySelector("main");
  for (const each of [main, thread]) each.dataset.liveUrl = "/ws/";
  main.after(thread);
})"""


def converse(page: Page, text: str) -> str:
    """Start a conversation, wait for its answer and return its code."""
    page.goto("/")
    page.locator(".prompt").fill(text)
    page.locator(".prompt").press("Enter")
    page.wait_for_url("**/c/**")
    expect(page.locator("[data-status=finished]")).to_have_count(1)
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def test_each_thread_gets_its_own_answers(page: Page):
    first, second = converse(page, "The first."), converse(page, "The second.")

    part = PART.search(page.request.get(f"/c/{second}/").text())
    assert part
    page.add_init_script(ADD_THREAD % tuple(map(json.dumps, (part[0], second))))
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(f"/c/{first}/")
    threads = [page.locator(f'[data-thread="{code}"]') for code in (first, second)]
    for number, thread in enumerate(reversed(threads), start=1):
        thread.locator(".prompt").fill(f"Prompt {number}.")
        thread.locator(".prompt").press("Enter")
        expect(thread.locator(".bubble", has_text=f"Prompt {number}.")).to_have_count(1)
        expect(thread.locator("[data-status=finished]")).to_have_count(2)
        expect(thread.locator(".prompt")).to_have_value("")
    for thread in threads:
        expect(thread.locator(".bubble")).to_have_count(2)
    assert [url.split("/ws/")[1] for url in sockets] == [""]
