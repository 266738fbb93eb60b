"""A new chat: it starts clean, and offers the settings of the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.pane import kept, row, sent
from tests.browser.test_accessibility import violations_in_both

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def use(page: Page) -> Locator:
    return page.get_by_role("button", name="from your last chat")


def send(page: Page, text: str) -> None:
    page.get_by_label("Prompt", exact=True).fill(text)
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/**")
    expect(page.locator(".message.is-assistant, .answer").last).to_be_visible()


def test_a_new_chat_starts_clean_and_offers_the_settings_of_the_last(page: Page):
    choose_model(page, "Demo Plain")
    for name, value in (("temperature", "0.4"), ("seed", "7")):
        with kept(page):
            row(page, name).locator(".parameter-number input.parameter-input").fill(value)
    page.reload()
    assert sent(page) == {"temperature", "seed"}
    # This change is on its way while the prompt is sent.
    row(page, "top_p").locator(".parameter-number input.parameter-input").fill("0.5")
    send(page, "Hello")

    page.locator("[data-new-chat]").click()
    page.wait_for_url("**/w/**")
    expect(page.locator(".picker-current")).to_have_text("Demo Plain")
    assert sent(page) == set()
    expect(use(page)).to_have_text("Use 3 settings from your last chat")
    assert "seed: 7" in (use(page).get_attribute("title") or "")

    # A value that was typed a moment before the click stays.
    row(page, "max_tokens").locator(".parameter-number input.parameter-input").fill("9")
    use(page).click()
    expect(use(page)).to_have_count(0)
    assert sent(page) == {"temperature", "seed", "top_p", "max_tokens"}
    expect(page.locator("[data-reset-all]")).to_be_focused()
    expect(page.locator("[data-changed-count]").first).to_have_text("4")
    page.reload()
    assert sent(page) == {"temperature", "seed", "top_p", "max_tokens"}


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["wide", "phone"])
def test_the_offer_is_used_and_dismissed_by_keyboard(page: Page, size: tuple[int, int]):
    choose_model(page, "Demo Plain")
    with kept(page):
        row(page, "temperature").locator(".parameter-number input.parameter-input").fill("0.4")
    send(page, "Hello")
    page.goto("/")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    if size[0] < 1000:
        page.locator(".panel-button").click()
    use(page).focus()
    page.keyboard.press("Tab")
    with page.expect_response("**/configure/"):
        page.keyboard.press("Enter")
    expect(use(page)).to_have_count(0)
    assert sent(page) == set()
    page.reload()
    expect(page.locator("[data-parameters]")).to_be_attached()
    expect(use(page)).to_have_count(0)


def test_a_temporary_chat_survives_a_reload_and_is_kept_for_every_tab(page: Page):
    page.set_viewport_size({"width": 390, "height": 844})
    choose_model(page, "Demo Plain")
    switch = page.get_by_role("switch", name="Temporary chat")
    switch.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", level=1)).to_have_text("Temporary chat")
    page.reload()
    expect(switch).to_be_checked()
    assert violations_in_both(page) == []

    send(page, "Do quokkas smile?")
    expect(page.get_by_text("It is deleted 24 hours after its last answer.")).to_be_visible()
    assert violations_in_both(page) == []
    other = page.context.new_page()
    other.goto(page.url)
    keep = page.get_by_role("button", name="Keep this chat")
    expect(other.get_by_role("button", name="Keep this chat")).to_be_visible()
    keep.focus()
    page.keyboard.press("Enter")
    expect(keep).to_have_count(0)
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()
    for tab in (page, other):
        expect(tab.get_by_role("heading", level=1)).to_have_text("Do quokkas smile?")
        expect(tab.get_by_text("It is deleted 24 hours")).to_be_hidden()
