"""The page of keys with a cap: one is made, its use is asked, its cap is changed, and it is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.pressing import press
from tests.browser.test_accessibility import violations_in_both
from tests.playground.scripted_keys import MANAGEMENT_KEY, ScriptedKeys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from playground.demo.server import DemoServer
    from tests.installation import Installation

_SET_UP = """Provider.objects.filter(code="scripted").update(kind="aimlapi") and 0"""
_CLEAN_UP = """[
    Provider.objects.filter(code="scripted").update(kind="openai"),
    CappedKey.objects.all().delete()[0], ApiKey.objects.filter(provider_code="scripted").delete()[0],
] and 0"""


@pytest.fixture
def service(installation: Installation, upstream: DemoServer) -> Iterator[ScriptedKeys]:
    installation.query(_SET_UP)
    script = ScriptedKeys()
    upstream.api.service = script.respond
    yield script
    upstream.api.service = None
    installation.query(_CLEAN_UP)


@pytest.mark.parametrize(("width", "by_keyboard"), [(1440, True), (390, False)], ids=["wide", "phone"])
def test_a_key_is_made_changed_and_deleted(page: Page, service: ScriptedKeys, width: int, by_keyboard: bool):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/w/acme-research/keys/")
    press(page.get_by_role("link", name="keys with a cap of Scripted"), by_keyboard=by_keyboard)
    form = page.locator("form[action$='/make/']")
    form.get_by_label("Name at the provider").fill("Design team")
    form.get_by_label("Cap (USD)").fill("much")
    form.get_by_label("Management key").fill("no-management-key-1")
    press(form.get_by_role("button", name="Make the key"), by_keyboard=by_keyboard)
    expect(form.get_by_label("Cap (USD)")).to_be_focused()
    assert violations_in_both(page) == []

    form.get_by_label("Cap (USD)").fill("25")
    form.get_by_label("Management key").fill("no-management-key-1")
    press(form.get_by_role("button", name="Make the key"), by_keyboard=by_keyboard)
    expect(page.locator(".messages")).to_contain_text("did not accept the management key")
    expect(form.get_by_label("Name at the provider")).to_have_value("Design team")

    form.get_by_label("Management key").fill(MANAGEMENT_KEY)
    press(form.get_by_role("button", name="Make the key"), by_keyboard=by_keyboard)
    row = page.locator("tbody tr")
    expect(row).to_contain_text("$25.00 a month")
    _ask_change_and_delete(page, service, width, by_keyboard=by_keyboard)
    assert service.keys == {}


def _ask_change_and_delete(page: Page, service: ScriptedKeys, width: int, *, by_keyboard: bool) -> None:
    row = page.locator("tbody tr")
    service.keys["00000001"]["monthly_usage"] = 12.5
    press(page.get_by_text("Ask for caps and use", exact=True), by_keyboard=by_keyboard)
    asking = page.locator("form[action$='/refresh/']")
    asking.get_by_label("Management key").fill(MANAGEMENT_KEY)
    press(asking.get_by_role("button"), by_keyboard=by_keyboard)
    expect(row).to_contain_text("12.5")

    press(row.locator("summary", has_text="Change"), by_keyboard=by_keyboard)
    change = row.locator("form[action$='/change/']")
    change.get_by_label("Cap (USD)").fill("10")
    change.get_by_label("Disabled").check()
    change.get_by_label("Management key").fill(MANAGEMENT_KEY)
    assert violations_in_both(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    press(change.get_by_role("button", name="Save"), by_keyboard=by_keyboard)
    expect(row).to_contain_text("$10.00 a month")
    expect(row.get_by_text("disabled", exact=True)).to_be_visible()
    assert violations_in_both(page) == []

    press(row.locator("summary", has_text="Delete"), by_keyboard=by_keyboard)
    delete = row.locator("form[action$='/delete/']")
    delete.get_by_label("Management key").fill(MANAGEMENT_KEY)
    press(delete.get_by_role("button", name="Delete"), by_keyboard=by_keyboard)
    expect(page.get_by_text("No key was made here yet.")).to_be_visible()
