"""A person with the keyboard alone, or with the screen of a phone: the fixture ``hand`` is both in turn."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.pressing import press

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, ViewportSize

PHONE: ViewportSize = {"width": 390, "height": 844}


class Hand:
    """A person who uses the keys alone, or touches the screen of a phone."""

    def __init__(self, page: Page, *, has_keys: bool) -> None:
        self.page, self.has_keys = page, has_keys

    def press(self, target: Locator) -> None:
        if self.has_keys:
            press(target, by_keyboard=True)
        else:
            target.tap()

    def link(self, name: str | re.Pattern[str]) -> None:
        self.press(self.page.get_by_role("link", name=name).first)

    def button(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=name, exact=True))

    def write(self, label: str, text: str) -> None:
        field = self.page.get_by_label(re.compile(rf"^{label}( optional)?$"))
        field.focus()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)

    def choose(self, label: str, option: str) -> None:
        field = self.page.get_by_role("combobox", name=label, exact=True)
        if self.has_keys:
            names = [each.strip() for each in field.locator("option").all_inner_texts()]
            field.focus()
            self.page.keyboard.press("Home")
            for _ in range(names.index(option)):
                self.page.keyboard.press("ArrowDown")
        else:
            field.select_option(option)
        expect(field.locator("option:checked")).to_have_text(option)

    def tick(self, label: str) -> None:
        self.mark(self.page.get_by_label(label, exact=True))

    def mark(self, box: Locator) -> None:
        if self.has_keys:
            box.focus()
            self.page.keyboard.press("Space")
        else:
            box.tap()
        expect(box).to_be_checked()

    def reads(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()
