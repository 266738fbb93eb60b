"""The effect of Escape at each place of a page while an answer runs. Two places stop the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_streamed_answer import finished, last_answer, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from playground.demo.server import DemoServer


def search(page: Page) -> Locator:
    return page.get_by_label("Search conversations")


def find(page: Page) -> Locator:
    return page.get_by_label("Find a parameter")


def number(page: Page) -> Locator:
    return page.get_by_label("temperature", exact=True)


def title(page: Page) -> Locator:
    page.locator(".title").dblclick()
    return page.get_by_label("Title of the conversation")


def edited(page: Page) -> Locator:
    page.locator(".message.user").first.hover()
    page.locator("[data-edit]").first.click()
    return page.get_by_label("Edit the message")


# Each place with what is typed there, what Escape leaves of it, and whether the place keeps the focus.
FIELDS: list[tuple[Callable[[Page], Locator], str, str, bool]] = [
    (search, "rivers", "", True),
    (search, "", "", False),
    (find, "temp", "", True),
    (find, "", "", False),
    (number, "0.5", "0.5", False),
    (lambda page: page.locator("#parameters-form input[type=range]:visible").first, "", "", False),
]


@pytest.fixture
def running(page: Page, upstream: DemoServer) -> Page:
    """Return a page whose second answer has begun and is held."""
    choose_model(page, "Scripted Demo Plain")
    send(page, "Hello there")
    page.wait_for_url("**/c/**")
    finished(page)
    upstream.hold_after(12)
    send(page, "Tell me about rivers")
    expect(last_answer(page).locator(".answer")).not_to_be_empty()
    return page


def runs(page: Page) -> None:
    assert last_answer(page).get_attribute("data-status") in {"queued", "running"}


def stopped(page: Page) -> None:
    expect(last_answer(page)).to_have_attribute("data-status", "stopped")


def test_a_place_is_cleared_or_left_and_the_messages_stop_the_answer(running: Page):
    page = running
    stops: list[str] = []
    page.on("request", lambda request: stops.extend([request.url] * request.url.endswith("/stop/")))
    for place, typed, left, stays in FIELDS:
        field = place(page)
        if typed:
            field.fill(typed)
        field.focus()
        expect(field).to_be_focused()
        page.keyboard.press("Escape")
        if typed or left:
            expect(field).to_have_value(left)
        assert field.evaluate("field => field === document.activeElement") == stays
        runs(page)

    for opens in (title, edited):
        field = opens(page)
        field.fill("Something else")
        page.keyboard.press("Escape")
        expect(field).to_be_hidden()
        runs(page)

    page.locator(".picker-button").click()
    models = page.get_by_label("Find a model by name")
    models.fill("plain")
    page.keyboard.press("Escape")
    expect(models).to_have_value("")
    page.keyboard.press("Escape")
    expect(models).to_be_hidden()

    page.locator(".workspace-menu summary").click()
    page.keyboard.press("Escape")
    expect(page.locator(".workspace-menu .menu-list")).to_be_hidden()
    # A button of the sidebar has the focus.
    page.keyboard.press("Escape")
    runs(page)
    assert stops == []

    page.get_by_role("region", name="Messages").focus()
    page.keyboard.press("Escape")
    stopped(page)


def test_on_a_phone_a_pane_closes_first_and_the_composer_stops_the_answer(running: Page):
    page = running
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Conversations").click()
    search(page).fill("rivers")
    page.keyboard.press("Escape")
    expect(search(page)).to_have_value("")
    expect(search(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Conversations")).to_be_focused()
    page.locator(".transcript .panel-button").click()
    page.get_by_role("button", name="Get code for the next request").click()
    expect(page.get_by_role("dialog", name="Get code")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Get code")).to_be_hidden()
    number(page).focus()
    page.keyboard.press("Escape")
    expect(page.locator(".transcript .panel-button")).to_be_focused()
    page.keyboard.press("Escape")
    runs(page)

    page.get_by_label("Prompt", exact=True).focus()
    page.keyboard.press("Escape")
    stopped(page)
