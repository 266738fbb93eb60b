"""The choice of a model in the picker, with the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


def choose_model(page: Page, name: str) -> None:
    page.locator(".picker-button").click()
    picker = page.get_by_role("dialog", name="Choose a model")
    picker.get_by_label("Find a model").fill(name)
    picker.locator(".picker-row:visible", has_text=name).first.click()
    # The page behind the picker ignores the keyboard until it closes.
    expect(picker).to_be_hidden()
    expect(page.locator(".picker-current")).to_have_text(name)
