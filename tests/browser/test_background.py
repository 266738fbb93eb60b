"""A background answer, from a link to its receipt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.pressing import press
from tests.browser.test_accessibility import violations
from tests.browser.test_streamed_answer import finished, last_answer

if TYPE_CHECKING:
    from playwright.sync_api import Page

LINK = "/try?model=demo/polyglot&endpoint=responses&background=true&prompt=Hello+there"


@pytest.mark.parametrize(("width", "by_keyboard"), [(1440, True), (390, False)], ids=["wide", "phone"])
def test_it_is_fetched_until_it_ends_and_says_where_it_came_from(page: Page, width: int, by_keyboard: bool):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(LINK)
    prompt = page.get_by_label("Prompt", exact=True)
    expect(prompt).to_have_value("Hello there")
    if by_keyboard:
        prompt.focus()
        page.keyboard.press("Enter")
    else:
        page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/c/**")
    finished(page)

    answer = last_answer(page)
    expect(answer.locator(".answer-setting", has_text="background")).to_be_visible()
    expect(answer.locator(".answer")).to_contain_text("You asked at /v1/responses")
    details = answer.locator(".receipt-details > summary")
    press(details, by_keyboard=by_keyboard)
    expect(answer.locator(".receipt-details dd", has_text=re.compile(r"^resp_\w+"))).to_be_visible()
    assert violations(page) == []

    # The page shows after a reload what it showed live.
    shown = answer.locator(".answer").inner_html()
    page.reload()
    assert last_answer(page).locator(".answer").inner_html() == shown
