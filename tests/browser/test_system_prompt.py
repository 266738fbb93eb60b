"""The system prompt above the first message: in a new chat, in a conversation, with two people at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SHOTS = os.environ.get("SHOTS", "")


def block(page: Page) -> Locator:
    return page.locator("section.system-prompt")


def box(page: Page) -> Locator:
    return block(page).get_by_role("textbox", name="System prompt")


def ask(page: Page, text: str) -> None:
    page.get_by_label("Prompt", exact=True).fill(text)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message.assistant[data-status=finished]").last).to_be_visible()


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["wide", "phone"])
def test_it_is_written_sent_changed_and_looked_back_at(page: Page, size: tuple[int, int]):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    choose_model(page, "Demo Plain") if size[0] > 1000 else None
    # By keyboard in a new chat.
    edit = block(page).locator("summary")
    edit.focus()
    page.keyboard.press("Enter")
    expect(box(page)).to_be_focused()
    page.keyboard.type("Never mind")
    page.keyboard.press("Escape")
    expect(edit).to_be_focused()
    page.keyboard.press("Enter")
    expect(box(page)).to_have_value("")
    page.keyboard.insert_text("\n".join(f"Rule {number}: be brief." for number in range(1, 9)))
    shot(page, f"new-{size[0]}")
    page.keyboard.press("Control+Enter")
    expect(edit).to_be_focused()
    expect(edit).to_contain_text("Edit")
    show_all = block(page).get_by_role("button", name="Show all")
    show_all.click()
    expect(block(page).get_by_role("button", name="Show less")).to_be_visible()
    page.reload()
    ask(page, "Hello")
    page.wait_for_url("**/c/**")
    expect(block(page)).to_contain_text("Rule 1: be brief.")
    expect(page.locator(".system-mark")).to_have_count(0)

    # With the mouse in a conversation.
    edit.click()
    box(page).fill("Be kind.")
    block(page).get_by_role("button", name="Save").click()
    expect(block(page)).to_contain_text("Version 2 of 2")
    mark = page.locator(".answer-header").get_by_role("button", name="System prompt v1")
    mark.click()
    expect(page.locator(".system-given")).to_contain_text("Rule 8: be brief.")
    shot(page, f"mark-{size[0]}")
    block(page).get_by_role("button", name="Previous version").click()
    expect(block(page)).to_contain_text("Version 1 of 2")
    shot(page, f"version-{size[0]}")
    block(page).get_by_role("button", name="Use this version").click()
    expect(page.locator(".system-mark")).to_have_count(0)
    expect(block(page)).to_contain_text("Rule 1")


def test_two_pages_change_it_at_once(page: Page):
    choose_model(page, "Demo Plain")
    ask(page, "Hello")
    page.wait_for_url("**/c/**")
    other = page.context.new_page()
    other.goto(page.url)
    for each, text in ((page, "Mine."), (other, "Theirs.")):
        block(each).locator("summary").click()
        box(each).fill(text)

    box(other).press("Control+Enter")
    expect(block(other)).to_contain_text("Theirs.")
    expect(box(page)).to_have_value("Mine.")
    box(page).press("Control+Enter")
    expect(block(page).get_by_role("alert").first).to_contain_text(
        "changed the system prompt while you were editing"
    )
    expect(box(page)).to_have_value("Mine.")
    shot(page, "stale")
    box(page).press("Control+Enter")

    # The other page gets it, with the marks of its answers.
    expect(block(other)).to_contain_text("Version 2 of 2")
    expect(block(other)).to_contain_text("Mine.")
    expect(other.locator(".answer-setting")).to_contain_text("no system prompt")
