"""The layout that all settings pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import SETTINGS

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_on_a_phone_one_button_leads_to_all_pages_by_touch_and_by_keyboard(page: Page):
    page.set_viewport_size({"width": 390, "height": 844})
    places = []
    for section in SETTINGS:
        page.goto(f"/w/acme-research/{section}/")
        places.append(page.locator(".settings-side").bounding_box())
    assert all(box == places[0] for box in places)
    assert places[0] and places[0]["height"] < 60
    button, pages = page.get_by_role("button", name="Settings"), page.locator(".settings-nav")
    expect(pages).to_be_hidden()
    button.press("Enter")
    page.keyboard.press("Tab")
    expect(pages.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(pages).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    pages.get_by_role("link", name="People").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("People")


def test_a_touch_screen_has_no_keyboard_hints_and_its_ways_back_fit_a_thumb(
    page: Page, browser, installation
):
    touch = browser.new_context(
        base_url=installation.origin, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    touch.add_cookies(page.context.cookies())
    phone = touch.new_page()
    phone.goto("/w/acme-research/")
    assert phone.locator("kbd:visible").count() == 0
    phone.locator("[data-pane-over=sidebar], [aria-controls=sidebar]").first.click()
    expect(phone.locator("#sidebar")).to_be_visible()
    assert phone.locator("kbd:visible").count() == 0
    phone.goto("/w/acme-research/usage/")
    back = phone.get_by_role("link", name="Back to chat").bounding_box()
    assert back and back["height"] >= 44
    touch.close()


def test_what_can_be_done_to_a_provider_stands_in_one_line(page: Page):
    page.goto("/w/acme-research/providers/add/")
    page.get_by_label("Name").fill("One line")
    page.get_by_label("Address", exact=True).fill("http://127.0.0.1:9/v1")
    page.get_by_role("button", name="Add server").click()
    # Nothing listens at this port.
    page.get_by_role("button", name="Save it anyway").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("One line")
    off = page.get_by_role("button", name="Switch off").bounding_box()
    gone = page.locator("summary", has_text="Delete").bounding_box()
    assert off and gone
    assert (off["y"], off["height"]) == (gone["y"], gone["height"])


@pytest.mark.parametrize(
    ("section", "fields", "button"),
    [
        ("providers/add", {"name": "Box", "base_url": "169.254.169.254"}, "Add server"),
        ("providers/add", {"name": "Box", "base_url": "ftp://example.org"}, "Add server"),
    ],
)
def test_a_refused_field_is_in_sight_and_has_the_focus(page: Page, section, fields, button):
    page.set_viewport_size({"width": 390, "height": 500})
    page.goto(f"/w/acme-research/{section}/")
    for name, text in fields.items():
        page.locator(f"main [name={name}]").last.fill(text)
    page.get_by_role("button", name=button).click()

    wrong = page.locator("main [aria-invalid=true]")
    expect(wrong).to_be_focused()
    expect(page.locator("main .field .errors")).to_be_in_viewport()


def test_a_refused_form_is_in_sight(page: Page):
    page.set_viewport_size({"width": 390, "height": 500})
    page.goto("/w/acme-research/limits/")
    for _ in range(2):
        page.get_by_label("Unit").select_option("requests")
        page.get_by_label("Period").select_option("month")
        page.get_by_label("At most", exact=True).fill("100000")
        page.get_by_role("button", name="Add limit").click()

    notice = page.locator("main .notice.error")
    expect(notice).to_be_in_viewport()
    above, below = notice.bounding_box(), page.locator(".limit-form").bounding_box()
    assert above and below and above["y"] + above["height"] + 8 <= below["y"]
    way_on = page.get_by_role("link", name="Change it")
    expect(way_on).to_be_focused()
    page.keyboard.press("Enter")
    amount = page.get_by_label("At most, requests per month, Each member")
    expect(amount).to_be_focused()
    expect(amount).to_be_in_viewport()
    row = page.locator("#limits-found tr", has_text="requests per month")
    row.locator("summary", has_text="Remove").click()
    row.get_by_role("button", name="Remove").click()
    expect(page.locator(".messages")).to_contain_text("Removed the limit of 100,000 requests per month")
    expect(row).to_have_count(0)
