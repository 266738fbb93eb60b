"""The audit log, by mouse on a wide screen and by keyboard on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import violations_in_both

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.installation import Installation

PAGE = "/w/acme-research/audit/"


def _use(control: Locator, by: str) -> None:
    if by == "mouse":
        control.click()
    else:
        control.press("Enter")


@pytest.mark.parametrize(("width", "by"), [(1440, "mouse"), (390, "keyboard")])
def test_a_change_is_found_and_taken_along(page: Page, installation: Installation, width: int, by: str):
    page.set_viewport_size({"width": width, "height": 844})
    name = f"Group {width}"
    page.goto("/w/acme-research/groups/")
    page.get_by_label("Name", exact=True).fill(name)
    _use(page.get_by_role("button", name="Create"), by)
    if width == 390:
        _use(page.get_by_role("button", name="Settings"), by)
    page.get_by_role("link", name="Audit log").click()

    rows = page.locator(".events tbody tr")
    expect(rows.first).to_contain_text(f"created the group {name}")
    page.get_by_role("searchbox").fill("no such thing")
    expect(page.locator("#events-found")).to_contain_text("Nothing matches")
    page.get_by_role("searchbox").fill(f"created {width}")
    expect(rows).to_have_count(1)
    page.get_by_label("Area").select_option("Groups")
    expect(page).to_have_url(re.compile("area=groups"))
    expect(rows).to_have_count(1)
    assert violations_in_both(page) == []

    with page.expect_download() as download:
        _use(page.get_by_role("link", name="CSV"), by)
    assert name in download.value.path().read_text()
    installation.query(f"Group.objects.filter(name={name!r}).delete()[0]")


def test_an_owner_sets_how_long_it_is_kept(page: Page, installation: Installation):
    page.goto(PAGE)
    days = page.get_by_label("Delete events after")
    days.fill("7")
    days.press("Enter")
    # The browser says it before the server is asked.
    assert not page.evaluate("document.querySelector('[name=days]').checkValidity()")
    days.fill("90")
    days.press("Enter")
    expect(page.get_by_text("Events are deleted after 90 days.")).to_be_visible()
    expect(page.locator(".events tbody tr").first).to_contain_text("changed how long the audit log is kept")
    installation.query("Workspace.objects.update(audit_days=None)")
