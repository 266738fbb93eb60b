"""A key that is missing is added beside the prompt, and no click is answered with silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.pane import kept, row, sent
from tests.media_files import picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from playground.demo.server import DemoServer
    from tests.installation import Installation

SECRET = "sk-canary-0123456789abcdef"
PROVIDERS = 'Provider.objects.filter(code="scripted")'


@pytest.fixture
def needs_key(installation: Installation, upstream: DemoServer) -> Iterator[None]:
    """The scripted provider wants ``SECRET``, which is tested as a key of AI/ML API is."""
    upstream.api.required_key = SECRET
    installation.query(f"{PROVIDERS}.update(needs_key=True, kind='aimlapi')")
    yield
    upstream.api.required_key = None
    installation.query(f"{PROVIDERS}.update(needs_key=False, kind='openai')")
    installation.query('ApiKey.objects.filter(provider_code="scripted").delete()[0]')


def notice(page: Page) -> Locator:
    return page.locator("[data-missing-key]")


def prompt(page: Page) -> Locator:
    return page.get_by_label("Prompt", exact=True)


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Add a key for Scripted")


def test_a_key_is_added_in_place_and_the_draft_stays(page: Page, needs_key: None):
    choose_model(page, "Scripted Demo Senses")
    with kept(page):
        row(page, "temperature").locator(".parameter-number input.parameter-input").fill("0.4")
    page.locator("[data-attach-files]").set_input_files(
        {"name": "dot.png", "mimeType": "image/png", "buffer": picture()}
    )
    expect(page.locator("[data-attachment][data-code]")).to_have_count(1)
    prompt(page).fill("What is this?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(notice(page)).to_be_focused()
    expect(notice(page)).to_have_class("notice composer-key error")

    page.keyboard.press("Tab")
    expect(page.get_by_text("Add a key", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_label("Key", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("alert").first).to_have_text("Paste the key.")
    page.keyboard.type("sk-wrong-0123456789abcdef")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("button", name="Save it anyway")).to_be_visible()
    expect(dialog(page).get_by_label("Key", exact=True)).to_be_focused()

    dialog(page).get_by_label("Key", exact=True).fill(SECRET)
    dialog(page).get_by_role("button", name="Save and test").click()
    expect(dialog(page)).to_be_hidden()
    expect(notice(page)).to_have_count(0)
    expect(prompt(page)).to_be_focused()
    expect(prompt(page)).to_have_value("What is this?")
    assert sent(page) == {"temperature"}
    expect(page.locator("[data-attachment][data-code]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/**")
    expect(page.locator(".sent-file")).to_have_count(1)


def test_it_works_on_a_phone_and_escape_changes_nothing(page: Page, needs_key: None):
    page.set_viewport_size({"width": 390, "height": 844})
    choose_model(page, "Scripted Demo Plain")
    prompt(page).fill("Hello")
    page.get_by_text("Add a key", exact=True).click()
    dialog(page).get_by_label("Key", exact=True).fill("half a k")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(page.get_by_text("Add a key", exact=True)).to_be_focused()
    expect(prompt(page)).to_have_value("Hello")

    page.get_by_text("Add a key", exact=True).click()
    expect(dialog(page).get_by_label("Key", exact=True)).to_have_value("")
    box = dialog(page).bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    dialog(page).get_by_label("Everyone who can write").check()
    dialog(page).get_by_label("Key", exact=True).fill(SECRET)
    dialog(page).get_by_role("button", name="Save and test").click()
    expect(notice(page)).to_have_count(0)
    # The picker knows it too.
    page.locator(".picker-button").click()
    row_of = page.locator("[data-model]", has_text="Scripted Demo Plain").first
    expect(row_of).not_to_have_attribute("data-lacks-key", "")


@pytest.mark.parametrize("how", ["Enter", "click"])
def test_sending_nothing_says_so_until_something_is_written(page: Page, how: str):
    prompt(page).focus()
    if how == "Enter":
        page.keyboard.press("Enter")
    else:
        # It is not disabled, but said to be.
        page.get_by_role("button", name="Send", exact=True).click(force=True)
    said = page.get_by_text("Write a prompt first.")
    expect(said).to_be_visible()
    expect(prompt(page)).to_be_focused()
    page.keyboard.type("H")
    expect(said).to_be_hidden()
