"""A prompt that is shared with one colleague for reading, by keyboard, until the access ends."""

# Fixtures are imported by their names, which the parameters of tests then repeat.
# ruff: noqa: F811
from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.test_accessibility import violations_in_both
from tests.browser.test_prompts import LIBRARY, write
from tests.browser.test_sharing import bea, dialog_of, people  # noqa: F401

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_a_colleague_uses_a_prompt_that_she_cannot_change(page: Page, bea: Page) -> None:
    write(page, "Zebra", "", "Tell me about zebras.")
    button = page.get_by_role("button", name="Share", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    dialog = dialog_of(page)
    expect(dialog.get_by_label("Access of everyone in Acme")).to_have_value("write")
    find = dialog.get_by_role("combobox", name="Add a person")
    expect(find).to_be_focused()
    dialog.get_by_label("Access of everyone in Acme").select_option("none")
    expect(dialog.get_by_role("status")).to_contain_text("Only the people on the list have access now.")
    bea.goto(page.url)
    expect(bea.get_by_role("button", name="Save")).to_have_count(0)
    expect(bea.locator("body")).not_to_contain_text("Zebra")

    find.focus()
    page.keyboard.type("unal")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("Saved. Bea Ünal can read it now.")
    assert violations_in_both(page) == []
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(page.locator("#item-access")).to_contain_text("Shared with the people on your list.")

    bea.goto(f"{LIBRARY}?shared=me")
    bea.get_by_role("link", name="Zebra").click()
    expect(bea.get_by_text("It is shared with you for reading.")).to_be_visible()
    expect(bea.get_by_role("button", name="Save")).to_have_count(0)
    expect(bea.get_by_role("button", name="Share")).to_have_count(0)
    bea.get_by_role("link", name="Use", exact=True).click()
    bea.get_by_role("button", name="Open in a new chat").click()
    expect(bea.get_by_label("Prompt", exact=True)).to_have_value("Tell me about zebras.")

    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Remove Bea Ünal").press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("Saved. Bea Ünal no longer has access.")
    bea.goto(page.url)
    expect(bea.locator("body")).not_to_contain_text("Zebra")
