"""All that a comparison can do: wide and on a phone, by mouse, by keyboard and by touch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.comparing import SCRIPTED, choose, columns, expect_answers, new_comparison, prompt
from tests.browser.hands import PHONE
from tests.browser.pressing import press
from tests.browser.test_accessibility import violations

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, ViewportSize

    from playground.demo.server import DemoServer

WIDE: ViewportSize = {"width": 1440, "height": 900}


@dataclass(frozen=True)
class Hand:
    """A person at a wide window with a mouse or a keyboard, or at a phone with a keyboard or a finger."""

    page: Page
    is_phone: bool
    by_keyboard: bool

    @property
    def by_touch(self) -> bool:
        return self.is_phone and not self.by_keyboard

    def press(self, button: Locator) -> None:
        if self.by_touch:
            button.tap()
        else:
            press(button, by_keyboard=self.by_keyboard)

    def tick(self, box: Locator) -> None:
        if self.by_keyboard:
            box.focus()
            box.press("Space")
        else:
            self.press(box)

    def column(self, number: int) -> Locator:
        """Bring a column into view."""
        if self.is_phone:
            self.press(self.page.get_by_role("tab").nth(number - 1))
        column = columns(self.page)[number - 1]
        column.get_by_label(f"More about column {number}").scroll_into_view_if_needed()
        expect(column).to_be_in_viewport(ratio=0.5)
        return column

    def menu(self, number: int, item: str) -> None:
        self.press(self.column(number).get_by_label(f"More about column {number}"))
        self.press(self.page.locator(".column-menu[open]").get_by_role("button", name=item))

    def change(self, number: int, item: str) -> None:
        """Choose what changes the columns; the page comes again."""
        with self.page.expect_navigation():
            self.menu(number, item)

    def judge(self, item: str) -> None:
        self.press(self.page.get_by_label("Judge the answers"))
        self.press(self.page.locator(".compare-tools[open]").get_by_role("button", name=item))

    def header(self, item: str) -> None:
        self.press(self.page.get_by_label("More about this conversation"))
        self.press(self.page.locator(".more[open]").get_by_role("button", name=item, exact=True))

    def send(self, text: str) -> None:
        prompt(self.page).fill(text)
        if self.by_keyboard:
            prompt(self.page).press("Enter")
        else:
            self.press(self.page.get_by_role("button", name="Send", exact=True))


@pytest.fixture(params=["wide, mouse", "wide, keyboard", "phone, touch", "phone, keyboard"])
def hand(request: pytest.FixtureRequest, page: Page) -> Hand:
    """A hand at a new comparison of two scripted models."""
    for column, model in zip(new_comparison(page), SCRIPTED, strict=True):
        choose(page, column, model)
    if "touch" in request.param:
        address, page = page.url, request.getfixturevalue("phone")
        page.goto(address)
    hand = Hand(page, "phone" in request.param, "keyboard" in request.param)
    page.set_viewport_size(PHONE if hand.is_phone else WIDE)
    return hand


def names(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".column-model").all_inner_texts()]


def test_columns_are_added_asked_stopped_moved_copied_and_removed(hand: Hand, upstream: DemoServer):
    page, (plain, markdown) = hand.page, SCRIPTED
    with page.expect_navigation():
        hand.press(page.get_by_role("button", name="Add column"))
    expect(columns(page)[2]).to_be_in_viewport(ratio=0.5)
    hand.tick(hand.column(3).get_by_label("Send to column 3"))
    expect(page.locator("[data-receivers]")).to_have_text("Enter sends to 2 of 3 columns")

    upstream.hold_after(3)
    hand.send("Tell me something long.")
    hand.press(hand.column(1).get_by_role("button", name="Stop", exact=True))
    expect_answers(columns(page)[:1], status="stopped")
    expect(columns(page)[1].locator("[data-run]")).to_have_count(1)
    hand.press(page.get_by_role("button", name="Stop all"))
    expect_answers(columns(page)[1:2], status="stopped")
    expect(columns(page)[2].locator(".message")).to_have_count(0)

    hand.change(1, "Duplicate")
    hand.change(1, "Move right")
    assert names(page)[:3] == [plain, plain, markdown]
    hand.change(3, "Move left")
    assert names(page)[:3] == [plain, markdown, plain]

    # From the second to the last column only.
    hand.menu(2, "Copy to other columns")
    dialog = page.get_by_role("dialog", name="Copy from column 2")
    expect(dialog.get_by_role("checkbox")).to_have_count(3)
    assert violations(page) == []
    hand.tick(dialog.get_by_label("Messages"))
    for box in dialog.get_by_role("checkbox").all()[:2]:
        hand.tick(box)
    with page.expect_navigation():
        hand.press(dialog.get_by_role("button", name="Copy"))
    expect(page.locator(".messages")).to_contain_text("The messages were copied to 1 column.")
    expect(columns(page)[3].locator(".bubble")).to_have_text("Tell me something long.")

    hand.change(3, "Remove column")
    hand.change(1, "Remove column")
    assert len(names(page)) == 2
    assert names(page)[0] == markdown


def test_answers_are_measured_compared_hidden_and_chosen(hand: Hand):
    page = hand.page
    hand.send("Write a short poem about rivers.")
    expect_answers(columns(page))
    hand.press(page.locator(".figures-place > summary"))
    expect(page.locator(".figures tbody tr")).to_have_count(2)
    expect(page.locator(".figures td.is-best")).not_to_have_count(0)

    hand.judge("Word differences")
    difference = page.get_by_role("dialog", name="Word differences")
    expect(difference.locator("ins")).not_to_have_count(0)
    if hand.is_phone:
        expect(difference).to_have_js_property("offsetWidth", PHONE["width"])
    page.keyboard.press("Escape")
    with page.expect_navigation():
        hand.judge("Hide the names")
    expect(page.locator("#compare")).not_to_contain_text("Demo")
    hand.press(hand.column(2).get_by_role("button", name="Choose as the best"))
    dialog = page.get_by_role("dialog", name="Choose column 2")
    dialog.get_by_label("Why is it the best?").fill("It rhymes.")
    with page.expect_navigation():
        hand.press(dialog.get_by_role("button", name="Choose", exact=True))
    expect(page.locator(".column-model").first).to_contain_text("Demo")
    hand.judge("Choices and results")
    results = page.get_by_role("dialog", name="Choices and results")
    expect(results).to_contain_text("It rhymes.")
    expect(results.locator("tbody tr")).not_to_have_count(0)
    assert violations(page) == []
    page.keyboard.press("Escape")

    if not hand.is_phone:
        together = page.get_by_label("Scroll the columns together")
        hand.press(together)
        expect(together).to_have_attribute("aria-pressed", "true")
        hand.press(together)


def test_a_comparison_is_renamed_shared_deleted_and_restored_and_a_column_goes_on_alone(hand: Hand):
    page = hand.page
    hand.send("Hello both.")
    expect_answers(columns(page))
    hand.header("Rename")
    page.get_by_label("Title of the conversation").fill("Two ways to say hello")
    page.get_by_label("Title of the conversation").press("Enter")
    expect(page.locator("h1")).to_have_text("Two ways to say hello")

    if hand.is_phone:
        hand.header("Share…")
    else:
        hand.press(page.locator(".bar").get_by_role("button", name="Share", exact=True))
    expect(page.get_by_role("dialog", name="Share")).to_be_visible()
    page.keyboard.press("Escape")

    address = page.url
    hand.header("Delete")
    hand.press(page.get_by_role("button", name="Undo"))
    page.wait_for_url(address)
    expect_answers(columns(page))
    expect(page.locator("h1")).to_have_text("Two ways to say hello")

    hand.menu(2, "Go on with this one alone")
    page.wait_for_url("**/c/**")
    expect(page.locator(".bubble")).to_have_text("Hello both.")
    expect(page.locator(".picker-current")).to_have_text(SCRIPTED[1])
