"""A button pressed with the mouse or from the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator


def press(button: Locator, *, by_keyboard: bool) -> None:
    if by_keyboard:
        button.focus()
        button.page.keyboard.press("Enter")
    else:
        button.click()
