"""The limits of a large team, set from the chat page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import violations_in_both

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from tests.installation import Installation

CLICKS = 4


@pytest.fixture
def many(installation: Installation) -> Iterator[None]:
    installation.query(
        "[Membership.objects.create(workspace=Workspace.objects.get(), user=User.objects.create_user("
        "f'crowd{n}@example.org', name=f'Crowd {n:03}')).pk for n in range(200)]"
    )
    yield
    installation.query("User.objects.filter(name__startswith='Crowd').delete()[0]")
    installation.query("Limit.objects.filter(counts_each=True).delete()[0]")


def _way(page: Page, width: int) -> list[Locator]:
    """Return what is pressed one after the other, from the chat page to the limit."""
    drawer = [page.get_by_role("button", name="Conversations")] if width < 500 else []
    menu = page.locator(".workspace-menu")
    return [
        *drawer,
        menu.locator("summary").first,
        menu.get_by_role("link", name="Limits"),
        page.get_by_role("button", name="Add limit"),
    ]


@pytest.mark.parametrize(("width", "by"), [(1440, "mouse"), (390, "keyboard")])
def test_each_of_two_hundred_is_limited_in_four_clicks(page: Page, installation, many, width, by):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/w/acme-research/")
    way = _way(page, width)
    assert len(way) <= CLICKS
    *there, add = way
    for each in there:
        each.click() if by == "mouse" else each.press("Enter")

    amount = page.get_by_label("At most", exact=True)
    expect(page.locator("[data-chosen]")).to_contain_text("Each member")
    expect(page.get_by_label("Unit")).to_have_value("usd")
    expect(page.get_by_label("Period")).to_have_value("day")
    amount.focus()
    page.keyboard.type("5")
    expect(page.locator("#limit-preview")).to_contain_text("may spend at most $5.00 per day")
    assert violations_in_both(page) == []
    add.click() if by == "mouse" else page.keyboard.press("Enter")

    expect(page.locator(".messages")).to_contain_text("at most $5.00 per day")
    assert installation.query(
        "[(each.amount, each.counts_each) for each in Limit.objects.filter(counts_each=True)]"
    ) == [[10_000_000, True]]
    page.get_by_role("link", name="What would a request hold?").click()
    page.get_by_label("Member").select_option(label="Crowd 150 (crowd150@example.org)")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main")).to_contain_text("This prompt would be sent.")
    assert violations_in_both(page) == []


def test_models_are_suggested_while_their_field_is_used(page: Page):
    page.goto("/w/acme-research/limits/")
    options = page.locator("#models-offered option")
    expect(options).to_have_count(0)

    page.get_by_text("Only some models, warnings and more").click()
    models = page.get_by_role("combobox", name="Models")
    models.focus()
    expect(options).not_to_have_count(0)
    models.press_sequentially("demo/plain")
    expect(options).to_have_count(1)
    assert options.first.get_attribute("value") == "demo/plain"
