"""The bar above a conversation: nothing in it overlaps at any width."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_accessibility import violations
from tests.browser.test_streamed_answer import finished, send

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDTHS = (390, 480, 500, 560, 640, 700, 759, 760, 800, 850, 1119, 1120, 1180, 1200, 1240, 1280, 1440)
REM = 16

# The script measures the visible parts of the bar. Text for screen readers measures one pixel.
BOXES = """() => {
  const bar = document.querySelector(".transcript > .bar");
  const seen = {
    sidebar: "[data-pane=sidebar]", title: ".title", share: ".share", more: ".more > summary",
    model: ".picker-button", parameters: ".panel-button",
  };
  const box = (selector) => bar.querySelector(selector).getBoundingClientRect();
  const boxes = Object.entries(seen).map(([name, selector]) => [name, box(selector)]);
  const ends = [["bar", bar.getBoundingClientRect()], ...boxes.filter(([, box]) => box.width > 1)];
  return Object.fromEntries(ends.map(([name, box]) => [name, [box.left, box.right]]));
}"""


@pytest.fixture
def conversation(page: Page) -> Page:
    choose_model(page, "Scripted Demo Reasoning")
    send(page, "How many trains leave a station before noon?")
    page.wait_for_url("**/c/**")
    finished(page)
    # The number of changed parameters needs space too.
    page.get_by_label("temperature", exact=True).fill("0.5")
    expect(page.locator("[data-changed-count]")).to_have_text("1")
    return page


def share(page: Page) -> None:
    dialog = page.get_by_role("dialog", name="Share")
    dialog.get_by_label("Access of everyone in Acme Research").select_option("write")
    expect(dialog.get_by_role("status")).to_contain_text("Everyone in Acme Research can write in it now.")
    page.keyboard.press("Escape")
    expect(page.locator(".share")).to_have_text("Shared")


def boxes_at(page: Page, width: int) -> dict[str, Any]:
    page.set_viewport_size({"width": width, "height": 800})
    found: dict[str, Any] = page.evaluate(BOXES)
    return found


def test_nothing_in_it_covers_anything_else(conversation: Page):
    for is_shared in (False, True):
        if is_shared:
            conversation.set_viewport_size({"width": 1440, "height": 800})
            conversation.locator(".bar .share").click()
            share(conversation)
        for width in WIDTHS:
            boxes = boxes_at(conversation, width)
            start, end = boxes.pop("bar")
            where = f"{width} wide, {'shared' if is_shared else 'private'}: {boxes}"
            assert {"sidebar", "more", "model", "parameters"} <= boxes.keys(), where
            for one, other in combinations(boxes.values(), 2):
                assert one[1] <= other[0] or other[1] <= one[0], where
            assert all(start <= box[0] and box[1] <= end for box in boxes.values()), where
            least = 6 * REM if width >= 500 else 3 * REM
            assert boxes["title"][1] - boxes["title"][0] >= least, where


def test_what_it_has_no_room_for_is_still_said_and_done(conversation: Page):
    conversation.set_viewport_size({"width": 760, "height": 800})
    parameters = conversation.get_by_role("button", name="Parameters 1")
    expect(parameters).to_have_accessible_name("Parameters 1")
    expect(conversation.locator(".picker-button")).to_have_accessible_name(
        "Scripted Demo Reasoning Built-in demo · 32k"
    )
    expect(conversation.locator(".share")).to_be_hidden()
    conversation.get_by_label("More about this conversation").click()
    conversation.get_by_role("button", name="Share…").click()
    share(conversation)
    expect(conversation.get_by_label("More about this conversation")).to_be_focused()
    assert violations(conversation) == []


def test_a_title_is_renamed_where_it_stands(conversation: Page):
    for width in (390, 760, 1120):
        conversation.set_viewport_size({"width": width, "height": 800})
        conversation.get_by_label("More about this conversation").click()
        conversation.get_by_role("button", name="Rename").click()
        title = conversation.get_by_label("Title of the conversation")
        expect(title).to_be_focused()
        box = title.bounding_box()
        assert box and box["width"] >= 6 * REM
        title.fill("Hi" if width == 1120 else "A longer title of the chat")
        conversation.keyboard.press("Enter")
        expect(title).to_be_hidden()
        for size in (390, 520, width):
            conversation.set_viewport_size({"width": size, "height": 800})
            conversation.get_by_label("More about this conversation").click()
            expect(conversation.locator(".more[open] .menu-list")).to_be_in_viewport(ratio=1)
            conversation.keyboard.press("Escape")


# With one, two and three endpoints.
@pytest.mark.parametrize("model", ["deepseek/deepseek-chat", "gpt-4o", "demo/polyglot"])
def test_the_buttons_above_the_parameters_are_all_in_sight(page: Page, model: str):
    page.goto(f"/try?model={model}")
    for width in (1440, 1120, 390):
        page.set_viewport_size({"width": width, "height": 844})
        if width == 390:
            page.locator(".panel-button").click()
        ends = page.locator(".panel-bar button:visible").evaluate_all(
            "all => all.map(each => each.getBoundingClientRect().right)"
        )
        assert len(ends) >= 3
        assert max(ends) <= width
