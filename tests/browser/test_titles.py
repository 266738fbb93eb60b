"""Titles by a model: chosen in the settings, given while the page is open, never over what a person types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_accessibility import violations
from tests.browser.test_streamed_answer import finished, send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.installation import Installation

PROMPT = "Please explain how tides work."


@pytest.fixture
def no_title_model(installation: Installation) -> Iterator[None]:
    """Tests after this one find titles switched off again."""
    yield
    installation.query("TitleSetting.objects.all().delete()[0]")


def to_settings(page: Page) -> None:
    page.goto(page.url.partition("/w/")[0] + "/w/acme-research/settings/")


@pytest.mark.usefixtures("no_title_model")
@pytest.mark.parametrize("width", [1440, 390])
def test_the_first_answer_brings_a_title_and_leaves_the_focus(page: Page, installation, upstream, width):
    start = page.url
    page.set_viewport_size({"width": width, "height": 844})
    to_settings(page)
    select = page.get_by_label("Titles are made by")
    select.focus()
    # The choice is saved when it changes.
    page.keyboard.type("Scripted Demo Plain")
    page.keyboard.press("Tab")
    expect(
        page.get_by_role("status").filter(has_text="Scripted Demo Plain now makes the titles.")
    ).to_be_visible()
    expect(select).to_have_value(str(installation.query("TitleSetting.objects.get().model_id")))
    assert violations(page) == []
    page.reload()
    expect(select.locator("option:checked")).to_have_text("Scripted Demo Plain")

    page.goto(start)
    choose_model(page, "Scripted Demo Plain")
    # The answer and then the title wait here, so that the next prompt is typed meanwhile.
    gate = upstream.hold_after(1)
    send(page, PROMPT)
    page.wait_for_url("**/c/**")
    box = page.get_by_label("Prompt", exact=True)
    box.fill("And the")
    gate.release()
    expect(page).to_have_title("Tides work · Playground")
    page.keyboard.type(" moon?")
    expect(box).to_be_focused()
    expect(box).to_have_value("And the moon?")
    expect(page.locator(".title-text")).to_have_text("Tides work")
    row = page.locator(".sidebar-row[aria-current=page]")
    expect(row).to_contain_text("Tides work")
    page.reload()
    expect(page).to_have_title("Tides work · Playground")
    expect(row).to_contain_text("Tides work")


def test_a_title_that_changes_elsewhere_leaves_what_is_being_typed(page: Page):
    choose_model(page, "Scripted Demo Plain")
    send(page, PROMPT)
    page.wait_for_url("**/c/**")
    finished(page)
    other = page.context.new_page()
    other.goto(page.url)

    def rename(where: Page, title: str) -> None:
        where.get_by_label("More about this conversation").click()
        where.get_by_role("button", name="Rename").click()
        where.get_by_label("Title of the conversation").fill(title)

    rename(page, "Half a ti")
    rename(other, "From <b>another</b> tab")
    other.keyboard.press("Enter")

    expect(page).to_have_title("From <b>another</b> tab · Playground")
    box = page.get_by_label("Title of the conversation")
    expect(box).to_be_focused()
    page.keyboard.type("tle")
    expect(box).to_have_value("Half a title")
    # Escape shows the title of the other page, and so does the box when it opens again.
    page.keyboard.press("Escape")
    expect(page.locator(".title-text")).to_have_text("From <b>another</b> tab")
    page.get_by_label("More about this conversation").click()
    page.get_by_role("button", name="Rename").click()
    expect(box).to_have_value("From <b>another</b> tab")
    box.fill("Mine")
    page.keyboard.press("Enter")
    expect(other).to_have_title("Mine · Playground")
    expect(other.locator(".sidebar-row[aria-current=page]")).to_contain_text("Mine")
