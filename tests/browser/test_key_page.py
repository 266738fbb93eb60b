"""The page of a key: its balance is asked, and an amount decides when admins are warned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.pressing import press
from tests.browser.test_accessibility import violations, violations_in_both

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from playground.demo.server import DemoServer
    from tests.installation import Installation

LIST = "/w/acme-research/keys/"
_SET_UP = """[
    Provider.objects.filter(code="scripted").update(kind="aimlapi"),
    __import__("accounts.flows.save_key").flows.save_key.save_key(Workspace.objects.get(), "scripted",
        "sk-canary-0123456789abcdef", member=None, label="Ours",
        actor=User.objects.get(email="alice@example.org")),
] and 0"""
_CLEAN_UP = """[
    Provider.objects.filter(code="scripted").update(kind="openai"),
    ApiKey.objects.filter(provider_code="scripted").delete()[0], Workspace.objects.update(low_keys=[]),
] and 0"""


@pytest.fixture
def key(installation: Installation, upstream: DemoServer) -> Iterator[None]:
    installation.query(_SET_UP)
    yield
    installation.query(_CLEAN_UP)


@pytest.mark.parametrize(("width", "by_keyboard"), [(1440, True), (390, False)], ids=["wide", "phone"])
def test_a_balance_is_asked_and_an_amount_warns(page: Page, key: None, width: int, by_keyboard: bool):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(LIST)
    press(page.get_by_role("link", name="Ours"), by_keyboard=by_keyboard)
    press(page.get_by_role("button", name="Refresh"), by_keyboard=by_keyboard)
    expect(page.locator(".facts")).to_contain_text("$5.00")
    expect(page.locator(".low-balance")).to_have_count(0)

    amount = page.locator("form[action$='/threshold/'] input:not([type=hidden])")
    amount.fill("much")
    press(page.get_by_role("button", name="Save", exact=True).last, by_keyboard=by_keyboard)
    expect(amount).to_be_focused()
    expect(amount).to_have_attribute("aria-invalid", "true")
    expect(amount).to_have_value("much")
    amount.fill("7.50")
    if by_keyboard:
        page.keyboard.press("Enter")
    else:
        page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator(".messages")).to_contain_text("You are warned below $7.50.")
    expect(page.get_by_text("The balance is low.")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    # The warning stands in the playground and leads to the keys.
    page.goto("/w/acme-research/")
    warning = page.locator(".low-balance")
    expect(warning).to_be_visible()
    assert violations(page) == []
    press(warning.get_by_role("link", name="Look at Keys"), by_keyboard=by_keyboard)
    page.wait_for_url("**/keys/")
    expect(page.get_by_text("low balance").first).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_a_second_key_is_named_and_given_to_a_group(
    page: Page, key: None, installation: Installation, width: int
):
    installation.query("Group.objects.create(workspace=Workspace.objects.get(), name='Research').pk")
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(LIST)
    shared = page.get_by_role("region", name="The workspace's keys")
    adding = shared.locator("details", has_text="Add a key for Scripted")
    adding.locator("summary").click()
    adding.get_by_label("Key", exact=True).fill("sk-canary-0123456789abcdef-2")
    adding.get_by_label("Name").fill("For research")
    adding.get_by_role("button", name="Save and test").click()
    expect(page.locator(".messages")).to_contain_text("Scripted, For research: key saved.")
    assert violations_in_both(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    shared.get_by_role("link", name="For research").click()
    page.get_by_label("Who may use it", exact=True).select_option("Only the groups and people below")
    page.get_by_label("Research", exact=True).check()
    page.get_by_label("Models").fill("demo/*")
    assert violations_in_both(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.locator(".messages")).to_contain_text("Saved.")
    page.get_by_role("link", name="Keys", exact=True).first.click()
    row = shared.get_by_role("row", name="For research")
    expect(row).to_contain_text("Research")
    expect(row).to_contain_text("demo/*")
    installation.query("Group.objects.all().delete()[0]")
