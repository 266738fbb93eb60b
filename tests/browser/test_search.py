"""Finding a conversation again without the mouse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_streamed_answer import finished, send

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def two(page: Page) -> Page:
    for words in ("Zebras before noon", "Zebras after noon"):
        page.goto("/w/acme-research/")
        send(page, words)
        page.wait_for_url("**/c/**")
        finished(page)
    return page


def test_enter_opens_the_first_that_was_found(two: Page):
    two.keyboard.press("Control+k")
    two.keyboard.type("zebras before")
    # The test does not wait for the list of results.
    two.keyboard.press("Enter")
    expect(two.get_by_label("Conversation title").or_(two.locator(".title"))).to_have_text(
        "Zebras before noon"
    )


def test_the_arrows_walk_what_was_found(two: Page):
    two.keyboard.press("Control+k")
    two.keyboard.type("zebras")
    rows = two.locator("#sidebar-list .sidebar-row")
    expect(two.locator("#announcer")).to_have_text(re.compile(r"^\d+ conversations found\.$"))
    two.keyboard.press("ArrowDown")
    expect(rows.nth(0)).to_be_focused()
    two.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    two.keyboard.press("ArrowUp")
    two.keyboard.press("ArrowUp")
    expect(two.get_by_label("Search conversations")).to_be_focused()
    two.keyboard.type(" that nobody wrote of")
    expect(two.locator("#announcer")).to_have_text("Nothing found.")
    two.keyboard.press("Enter")
    expect(two.get_by_text("Nothing found for")).to_be_visible()


def test_a_hit_in_a_message_shows_its_words(page: Page):
    page.goto("/w/acme-research/")
    send(page, "A title of its own\nThe Éclair was baked in Paris, and nowhere else.")
    page.wait_for_url("**/c/**")
    finished(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("eclair")

    row = page.locator("#sidebar-list .sidebar-row").filter(has_text="A title of its own")
    expect(row.locator("mark")).to_have_text("Éclair")
    expect(row).to_contain_text("The Éclair was baked in Paris, and nowhere else.")
