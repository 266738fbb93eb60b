"""An answer that is asked for whole, by mouse and keyboard, on a wide page and on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.pane import kept, row

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

    from playground.demo.server import DemoServer

PHONE: ViewportSize = {"width": 390, "height": 844}
WAITING = "waiting for the whole answer…"


def test_streaming_is_switched_off_for_a_conversation_and_on_again(page: Page, upstream: DemoServer):
    choose_model(page, "Scripted Demo Plain")
    page.get_by_label("Find a parameter").fill("stream")
    stream = row(page, "stream")
    with kept(page):
        stream.get_by_role("radio", name="Off").check()
    expect(page.locator("[data-changed-count]")).to_have_text("1")
    gate = upstream.hold_after(0)
    page.get_by_label("Prompt", exact=True).fill("Hello there")
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/**")
    answer = page.locator(".message.assistant").last
    state = answer.locator(".receipt-state")
    expect(state).to_contain_text(WAITING)
    # The seconds go on without frames of the server.
    seconds = state.locator("[data-elapsed]")
    expect(seconds).to_have_text(re.compile(r"^([2-9]|\d\d+)$"))
    gate.release()
    expect(answer).to_have_attribute("data-status", "finished")
    assert upstream.requests[-1].body["stream"] is False
    expect(answer.locator(".receipt")).to_contain_text("whole after")
    expect(answer.locator(".answer-setting")).to_contain_text("not streamed")

    # The conversation keeps the choice. On a phone the panel is opened first.
    page.set_viewport_size(PHONE)
    page.reload()
    page.locator(".panel-button").click()
    group = page.locator('[data-group="sending"]')
    group.locator("summary").focus()
    if group.get_attribute("open") is None:
        page.keyboard.press("Enter")
    off = row(page, "stream").get_by_role("radio", name="Off")
    expect(off).to_be_checked()
    off.focus()
    with kept(page):
        page.keyboard.press("ArrowLeft")
    expect(row(page, "stream").get_by_role("radio", name="On")).to_be_checked()
    page.get_by_label("Close the parameters").click()
    page.get_by_role("button", name="Answer again").click()
    expect(page.locator(".message.assistant .answer-setting")).not_to_contain_text("not streamed")
    expect(page.locator(".message.assistant")).to_have_attribute("data-status", "finished")
    assert upstream.requests[-1].body["stream"] is True
