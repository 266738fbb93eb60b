"""A conversation that changes from one endpoint to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def polyglot(page: Page) -> Page:
    """Return a conversation that another model has begun, so that new chats keep their model."""
    choose_model(page, "Scripted Demo Plain")
    ask(page, "Say hello")
    page.wait_for_url("**/c/**")
    expect(page.get_by_text("Answer again")).to_be_visible()
    choose_model(page, "Demo Polyglot")
    return page


def ask(page: Page, text: str) -> None:
    composer = page.locator(".composer [name=text]")
    composer.fill(text)
    composer.press("Enter")


def test_it_goes_on_from_one_endpoint_to_the_next(polyglot: Page):
    page = polyglot
    for place, kind in enumerate(["chat/completions", "messages", "responses"], start=1):
        page.get_by_role("group", name="Endpoint").get_by_title(f"/{kind}", exact=True).click()
        chosen = page.get_by_role("group", name="Endpoint").get_by_title(f"/{kind}", exact=True)
        expect(chosen).to_have_attribute("aria-pressed", "true")
        ask(page, f"Why do cats purr? ({place})")
        told = f"You asked at /v1/{kind}, with {2 * place + 1} messages."
        expect(page.get_by_text(told)).to_be_visible()
        # The next prompt is accepted only after the answer has ended.
        expect(page.locator(".message.assistant").last).to_have_attribute("data-status", "finished")

    # The field is required by /v1/messages, so it was sent unchanged and is shown.
    expect(page.get_by_text("max_tokens 4096")).to_be_visible()
