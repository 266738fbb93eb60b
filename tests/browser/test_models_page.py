"""The page where admins search models and change one or many of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import violations_in_both

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from tests.installation import Installation

URL = "/w/acme-research/models/"


@pytest.fixture
def models(page: Page, installation: Installation) -> Iterator[Page]:
    page.goto(URL)
    yield page
    installation.query("[count for count in ModelSetting.objects.all().delete()][0]")


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def test_it_finds_while_one_types_and_the_address_keeps_it(models: Page):
    models.get_by_label("Find a model").press_sequentially("demo slow")
    models.get_by_label("Provider").select_option("Built-in demo")
    expect(models.locator("tbody tr")).to_have_count(1)
    expect(models.get_by_role("status").filter(has_text="1 model")).to_be_visible()
    models.wait_for_url(re.compile(r"q=demo(\+|%20)slow.*provider=demo"))
    models.reload()
    expect(models.locator("tbody tr")).to_have_count(1)
    expect(models.get_by_label("Find a model")).to_have_value("demo slow")


def test_what_is_ticked_is_switched_off_and_gone_from_the_picker(models: Page):
    models.goto(f"{URL}?provider=demo&q=demo+s")
    models.get_by_label("Tick Demo Slow").check()
    models.get_by_label("What to do").select_option("Switch off")
    models.get_by_role("button", name="Apply").click()
    expect(models.get_by_text("Demo Slow is switched off.")).to_be_visible()
    expect(row(models, "Demo Slow")).to_contain_text("Switched off")
    # The list has kept its scroll position.
    expect(models.get_by_label("Find a model")).to_have_value("demo s")
    models.goto("/w/acme-research/")
    models.locator("#picker-button").click()
    models.locator(".picker-row").first.wait_for()
    models.get_by_label("Find a model").fill("demo slow")
    expect(models.locator(".picker-row:visible b").filter(has_text=re.compile("^Demo Slow$"))).to_have_count(
        0
    )


def test_switching_one_off_leaves_the_list_and_the_focus_where_they_are(models: Page):
    button = row(models, "Demo Slow").get_by_role("button")
    models.set_viewport_size({"width": 1000, "height": 400})
    button.scroll_into_view_if_needed()
    scrolled = models.evaluate("document.scrollingElement.scrollTop")
    top = button.evaluate("button => button.getBoundingClientRect().top")
    button.focus()
    models.keyboard.press("Enter")
    expect(button).to_have_text("Switch on Demo Slow")
    expect(button).to_be_focused()
    assert scrolled == models.evaluate("document.scrollingElement.scrollTop") > 0
    assert button.evaluate("button => button.getBoundingClientRect().top") == top
    expect(models.get_by_role("status").filter(has_text="Demo Slow is switched off.")).to_be_attached()
    models.keyboard.press("Enter")
    expect(button).to_have_text("Switch off Demo Slow")


def test_a_change_on_the_second_page_stays_on_it(models: Page):
    models.goto(f"{URL}?page=2")
    first = models.locator("tbody tr").first
    name = first.locator("th a").inner_text()
    first.get_by_role("button").click()
    expect(first.get_by_role("button")).to_have_text(f"Switch on {name}")
    expect(first.locator("th a")).to_have_text(name)


def test_one_box_ticks_all_and_says_when_it_is_not_all(models: Page):
    models.goto(f"{URL}?provider=demo")
    everything = models.get_by_label("Tick all on this page")
    everything.check()
    boxes = models.locator('tbody input[type="checkbox"]')
    assert boxes.count() > 5
    assert all(box.is_checked() for box in boxes.all())
    boxes.first.uncheck()
    assert everything.evaluate("box => [box.checked, box.indeterminate]") == [False, True]


def test_a_price_is_set_from_the_keyboard_and_shown_in_the_picker(models: Page):
    models.goto(f"{URL}?q=demo+slow&provider=demo")
    models.get_by_role("link", name="Demo Slow", exact=True).focus()
    models.keyboard.press("Enter")
    models.get_by_label("Name in this workspace").fill("Slow and dear")
    models.keyboard.press("Tab")
    models.keyboard.type("1")
    models.keyboard.press("Tab")
    models.keyboard.type("-1")
    models.keyboard.press("Enter")
    expect(models.get_by_label("Output price (USD per million tokens)")).to_have_attribute(
        "aria-invalid", "true"
    )
    models.get_by_label("Output price (USD per million tokens)").fill("4")
    models.keyboard.press("Enter")
    expect(models.get_by_text("Saved.")).to_be_visible()
    models.goto("/w/acme-research/")
    models.locator("#picker-button").click()
    models.get_by_label("Find a model").fill("slow and dear")
    expect(models.locator(".picker-row:visible .picker-price")).to_have_text("$1.00 / $4.00")


@pytest.mark.parametrize("width", [1440, 390])
def test_it_is_accessible(models: Page, width):
    models.set_viewport_size({"width": width, "height": 844})
    models.goto(f"{URL}?provider=demo")
    assert violations_in_both(models) == []
    assert models.evaluate("document.documentElement.scrollWidth <= innerWidth")
    models.get_by_role("link", name="Demo Slow", exact=True).click()
    expect(models.get_by_role("heading", name="Endpoints")).to_be_visible()
    assert violations_in_both(models) == []
