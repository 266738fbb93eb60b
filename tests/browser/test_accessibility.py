from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_streamed_answer import finished, send

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

SETTINGS = ("people", "keys", "limits", "providers", "catalogue", "usage", "usage/all")


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{issue['id']}: {node['target']}" for issue in found for node in issue["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_page(context: BrowserContext, scheme):
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)
    page.goto("/sign-in/")
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_playground(page: Page, scheme, width):
    page.emulate_media(color_scheme=scheme)
    choose_model(page, "Scripted Demo Markdown")
    send(page, "Show me everything")
    page.wait_for_url("**/c/**")
    finished(page)
    page.set_viewport_size({"width": width, "height": 900})
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_empty_chat(page: Page, scheme):
    page.emulate_media(color_scheme=scheme)
    expect(page.get_by_label("Prompt", exact=True)).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("section", SETTINGS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_settings(page: Page, section, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"/w/acme-research/{section}/")
    assert violations(page) == []


def test_the_profile(page: Page):
    page.goto("/profile/")
    assert violations(page) == []
