"""Prompts that are queued while an answer is written: by keyboard on a wide page, by mouse on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_accessibility import violations
from tests.browser.test_streamed_answer import finished, last_answer, send

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from playground.demo.server import DemoServer
    from playground.demo.stage import Gate


def queued(page: Page) -> Locator:
    return page.locator(".queued .queued-text")


def prompts(page: Page) -> Locator:
    return page.locator(".message.user .bubble")


@pytest.fixture
def gate(upstream: DemoServer) -> Gate:
    """Where answers wait in the middle."""
    return upstream.hold_after(8)


@pytest.fixture
def streaming(page: Page, gate: Gate) -> Page:
    """A conversation whose first answer is held."""
    choose_model(page, "Scripted Demo Plain")
    send(page, "Hello there")
    page.wait_for_url("**/c/**")
    expect(last_answer(page).locator(".answer")).not_to_be_empty()
    return page


def test_by_keyboard(streaming: Page, gate: Gate):
    page = streaming
    box = page.get_by_label("Prompt", exact=True)
    box.focus()
    for number, text in enumerate(("First one", "Second one", "Third one"), 1):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(queued(page)).to_have_count(number)
        expect(box).to_have_value("")
        expect(box).to_be_focused()

    # The buttons keep the focus while the list changes under them.
    up = page.get_by_role("button", name="Move prompt 3 up")
    up.focus()
    for expected in (["First one", "Third one", "Second one"], ["Third one", "First one", "Second one"]):
        page.keyboard.press("Enter")
        expect(queued(page)).to_have_text(expected)
    expect(page.get_by_role("button", name="Move prompt 1 up")).to_be_focused()
    page.get_by_role("button", name="Remove prompt 2").press("Enter")
    expect(queued(page)).to_have_text(["Third one", "Second one"])
    expect(page.get_by_role("button", name="Remove prompt 2")).to_be_focused()

    page.get_by_role("button", name="Edit prompt 1").press("Enter")
    edited = page.get_by_label("Edit the queued prompt")
    expect(edited).to_be_focused()
    edited.fill("Third one, edited")
    page.keyboard.press("Enter")
    expect(queued(page)).to_have_text(["Third one, edited", "Second one"])
    expect(page.get_by_role("button", name="Edit prompt 1")).to_be_focused()
    assert violations(page) == []
    page.reload()
    expect(queued(page)).to_have_text(["Third one, edited", "Second one"])

    gate.release()
    expect(prompts(page)).to_have_text(["Hello there", "Third one, edited", "Second one"])
    finished(page)
    expect(queued(page)).to_have_count(0)
    expect(page.locator(".message.assistant[data-status=finished]")).to_have_count(3)


def test_on_a_phone(streaming: Page, gate: Gate):
    page = streaming
    page.set_viewport_size({"width": 390, "height": 844})
    box = page.get_by_label("Prompt", exact=True)
    for number, text in enumerate(("First one", "Second one"), 1):
        box.fill(text)
        page.get_by_role("button", name="Queue", exact=True).click()
        expect(queued(page)).to_have_count(number)
    page.get_by_role("button", name="Move prompt 1 down").click()
    expect(queued(page)).to_have_text(["Second one", "First one"])
    assert violations(page) == []

    page.get_by_role("button", name="Stop", exact=True).click()

    expect(page.locator(".queue-pause")).to_have_text("Paused: The answer was stopped.")
    expect(last_answer(page)).to_have_attribute("data-status", "stopped")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    assert violations(page) == []
    gate.release()
    page.get_by_role("button", name="Send the next").click()
    expect(prompts(page)).to_have_text(["Hello there", "Second one", "First one"])
    finished(page)


def test_words_that_are_being_edited_stay_when_their_prompt_is_sent(streaming: Page, gate: Gate):
    page = streaming
    page.get_by_label("Prompt", exact=True).fill("First one")
    page.get_by_role("button", name="Queue", exact=True).click()
    page.get_by_role("button", name="Edit prompt 1").click()
    page.get_by_label("Edit the queued prompt").fill("Words that took long")

    gate.release()

    expect(prompts(page)).to_have_text(["Hello there", "First one"])
    kept = page.get_by_label("Edit the queued prompt")
    expect(kept).to_have_value("Words that took long")
    expect(page.get_by_text("This prompt was sent or removed")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(kept).to_have_count(0)
