from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_streamed_answer import finished, send

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

SETTINGS = (
    "people",
    "groups",
    "keys",
    "limits",
    "notices",
    "mail",
    "providers",
    "catalogue",
    "usage",
    "usage/all",
    "audit",
)


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{issue['id']}: {node['target']}" for issue in found for node in issue["nodes"]]


def violations_in_both(page: Page) -> list[str]:
    """Return what is wrong in light and in dark colours."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {each}" for each in violations(page)]
    return found


def test_the_sign_in_page(context: BrowserContext):
    page = context.new_page()
    page.goto("/sign-in/")
    assert violations_in_both(page) == []


def test_the_playground(page: Page):
    choose_model(page, "Scripted Demo Markdown")
    send(page, "Show me everything")
    page.wait_for_url("**/c/**")
    finished(page)
    assert violations_in_both(page) == []
    page.set_viewport_size({"width": 390, "height": 900})
    assert violations_in_both(page) == []


def test_an_empty_chat(page: Page):
    expect(page.get_by_label("Prompt", exact=True)).to_be_visible()
    assert violations_in_both(page) == []


@pytest.mark.parametrize("section", SETTINGS)
def test_the_settings(page: Page, section):
    page.goto(f"/w/acme-research/{section}/")
    assert violations_in_both(page) == []


def test_the_profile(page: Page):
    page.goto("/profile/")
    assert violations(page) == []
