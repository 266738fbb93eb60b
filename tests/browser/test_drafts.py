"""Drafts: a text that was typed and not sent survives a reload, another page and a killed socket."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.pane import kept, row, sent
from tests.browser.pressing import press
from tests.browser.test_streamed_answer import finished, send

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Locator, Page, WebSocketRoute

    from playground.demo.server import DemoServer

FILE: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Rivers are wet."}
WRITTEN = ("Half a thought", "So,", 1)


def expect_composer(page: Page, prompt: str, prefill: str, files: int) -> None:
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(prompt)
    expect(page.locator("[data-attachment][data-code]")).to_have_count(files)
    box = page.locator("textarea[name=prefill]")
    expect(box).to_have_value(prefill)
    if prefill:
        expect(box).to_be_enabled()
    else:
        expect(box).to_be_hidden()


@pytest.mark.parametrize(("width", "by_keyboard"), [(1440, True), (390, False)], ids=["wide", "phone"])
def test_a_half_written_prompt_survives_and_is_sent_whole(
    page: Page, upstream: DemoServer, width: int, by_keyboard: bool
):
    sockets = watched(page)
    choose_model(page, "Scripted Demo Plain")
    with kept(page):
        row(page, "temperature").locator(".parameter-number input.parameter-input").fill("0.4")
    send(page, "Hello")
    page.wait_for_url("**/c/**")
    finished(page)
    page.set_viewport_size({"width": width, "height": 844})
    toggle = page.get_by_role("button", name="Start the answer", exact=True)
    page.get_by_label("Prompt", exact=True).fill("Half a thought")
    page.locator("[data-attach-files]").set_input_files(FILE)
    press(toggle, by_keyboard=by_keyboard)
    expect(page.get_by_label("Start the answer with")).to_be_focused()
    page.keyboard.type("So,")
    expect_composer(page, *WRITTEN)

    page.reload()
    expect_composer(page, *WRITTEN)
    page.goto("/w/acme-research/")
    expect_composer(page, "", "", 0)
    page.go_back()
    expect_composer(page, *WRITTEN)
    assert sent(page) == {"temperature"}
    fold_and_unfold(page, toggle)

    before = len(sockets)
    sockets[-1].close()
    while len(sockets) == before:
        page.wait_for_timeout(50)
    expect_composer(page, *WRITTEN)
    if by_keyboard:
        page.get_by_label("Prompt", exact=True).press("Enter")
    else:
        page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".message.user").last).to_contain_text("Half a thought")
    finished(page)
    body = upstream.requests[-1].body
    assert body["temperature"] == 0.4
    assert body["messages"][-1] == {"role": "assistant", "content": "So,"}
    assert "Rivers are wet." in str(body["messages"][-2])
    page.reload()
    expect_composer(page, "", "", 0)


def watched(page: Page) -> list[WebSocketRoute]:
    """Return the list of the page's sockets, which grows, and which a test can close."""
    sockets: list[WebSocketRoute] = []

    def pass_on(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket(re.compile("/ws/"), pass_on)
    return sockets


def fold_and_unfold(page: Page, toggle: Locator) -> None:
    """Check that a beginning that is folded away is kept, although it is not sent."""
    toggle.click()
    page.reload()
    expect(page.locator("textarea[name=prefill]")).to_be_hidden()
    expect(toggle).to_have_attribute("aria-expanded", "false")
    toggle.click()
    expect_composer(page, *WRITTEN)


def test_a_text_that_was_removed_stays_removed_until_it_is_opened_anew(page: Page):
    link = "/try?model=demo/plain&prompt=Hello+there"
    page.goto(link)
    prompt = page.get_by_label("Prompt", exact=True)
    expect(prompt).to_have_value("Hello there")
    prompt.fill("")
    page.reload()
    expect(page.locator(".send")).to_have_attribute("aria-disabled", "true")
    expect(prompt).to_have_value("")
    page.goto(link)
    expect(prompt).to_have_value("Hello there")
