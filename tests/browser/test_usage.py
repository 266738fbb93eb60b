"""The page of usage: its chart by mouse and keyboard, the same figures as a table, its breakdowns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_accessibility import violations_in_both
from tests.browser.test_streamed_answer import finished, send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.installation import Installation

ALL = "/w/acme-research/usage/all/"
WIDTHS = pytest.mark.parametrize("width", [1440, 390])
# Thirty days with eight models of two people, in a year in which nothing else happens. Entries are for ever.
MAKE = """[
    DaySum.objects.get_or_create(
        workspace=Workspace.objects.get(slug="acme-research"), user=User.objects.get(email=email),
        day=date(2021, 6, day), provider_code="gone", model_id=f"maker/model-{model}",
        defaults=dict(credits=day * model * 9000, credits_without_usd=day * model * 9000, usd_nanos=0,
        tokens=day * 999, requests=1, runs=1, estimates=0),
    ) and 1
    for email in ("alice@example.org", "eve@example.org") for day in range(1, 31) for model in range(1, 9)
    if User.objects.get_or_create(email="eve@example.org", defaults=dict(name="Eve"))
    for date in [__import__("datetime").date] for DaySum in [__import__("accounts.models").models.DaySum]
]"""
FORGET = "__import__('accounts.models').models.DaySum.objects.filter(provider_code='gone').delete() and 0"
JUNE = "first=2021-06-01&last=2021-06-30"


@pytest.fixture
def spent(page: Page, installation: Installation) -> Iterator[Page]:
    installation.query(MAKE)
    yield page
    installation.query(FORGET)


@WIDTHS
def test_its_chart_is_read_by_mouse_and_by_keyboard(spent: Page, width: int):
    spent.set_viewport_size({"width": width, "height": 900})
    spent.goto(f"{ALL}?by=model&{JUNE}")
    expect(spent.get_by_role("img", name="Cost by model, 1 to 30 June 2021: $")).to_be_visible()
    bars = spent.locator("[data-chart-bars] a")
    expect(bars).to_have_count(30)
    tip = bars.nth(14).locator(".chart-tip")
    bars.nth(14).hover()
    expect(tip).to_have_css("clip-path", "none")
    expect(tip).to_contain_text("Tue 15 Jun 2021")
    # Nothing makes the page wider than the window.
    assert spent.evaluate("document.documentElement.scrollWidth") == width

    # Tab stops at one bar; the arrows lead to the others.
    bars.last.focus()
    spent.keyboard.press("ArrowLeft")
    spent.keyboard.press("ArrowLeft")
    expect(bars.nth(27)).to_be_focused()
    spent.keyboard.press("Home")
    expect(bars.first).to_be_focused()
    expect(bars.first.locator(".chart-tip")).to_contain_text("Others")
    assert violations_in_both(spent) == []
    spent.keyboard.press("ArrowLeft")
    expect(bars.first).to_be_focused()
    spent.keyboard.press("Tab")
    expect(spent.locator(".chart-table > summary")).to_be_focused()
    spent.keyboard.press("Enter")
    table = spent.get_by_role("table", name="Cost by model, 1 to 30 June 2021")
    expect(table.get_by_role("row")).to_have_count(31)
    expect(table.get_by_role("columnheader").last).to_have_text("Total")
    assert violations_in_both(spent) == []
    spent.keyboard.press("Shift+Tab")
    spent.keyboard.press("Enter")
    spent.wait_for_url("**first=2021-06-01&last=2021-06-01**")
    expect(spent.locator(".chart-plot.single")).to_be_visible()
    assert violations_in_both(spent) == []


@WIDTHS
def test_it_is_broken_down_and_one_person_is_looked_at(spent: Page, width: int):
    spent.set_viewport_size({"width": width, "height": 900})
    spent.goto(f"{ALL}?{JUNE}")
    by = spent.get_by_role("navigation", name="Broken down by")
    expect(by.locator("[aria-current]")).to_have_text("Person")
    for name in ("Group", "Provider", "Day"):
        by.get_by_role("link", name=name, exact=True).click()
        expect(spent.get_by_role("heading", name=f"Cost by {name.lower()}")).to_be_visible()
        expect(spent.get_by_role("heading", name="1 to 30 June 2021")).to_have_count(1)
        assert violations_in_both(spent) == []
    spent.get_by_role("link", name="Tokens", exact=True).click()
    expect(spent.get_by_role("heading", name="Tokens by day")).to_be_visible()
    by.get_by_role("link", name="Person", exact=True).click()
    spent.get_by_label("Find a person").fill("eve")
    expect(spent.locator("#spending-found tbody tr")).to_have_count(1)
    spent.get_by_role("link", name="Eve", exact=True).click()
    expect(spent.get_by_role("heading", level=1)).to_have_text("Eve")
    expect(spent.get_by_text("Eve has no limits")).to_be_visible()
    expect(spent.locator("[data-chart-bars] a")).to_have_count(30)
    assert spent.evaluate("document.documentElement.scrollWidth") == width
    assert violations_in_both(spent) == []
    spent.get_by_role("link", name="Everyone’s usage").click()
    expect(spent.get_by_role("link", name="Eve", exact=True)).to_be_visible()


@pytest.fixture
def tight(page: Page, installation: Installation) -> Iterator[Page]:
    """Alice's page, under a limit of requests that turns amber with the next one."""
    made = installation.query(
        "[limit.windows.create(starts_at=datetime(1970, 1, 1, tzinfo=UTC), used=7) and limit.pk"
        " for datetime, UTC in [(__import__('datetime').datetime, __import__('datetime').UTC)]"
        " for limit in [Limit.objects.create(workspace=Workspace.objects.get(slug='acme-research'),"
        " amount=10, unit='requests', period='ever', member=User.objects.get(email='alice@example.org'))]][0]"
    )
    page.reload()
    yield page
    installation.query(f"Limit.objects.filter(pk={made}).delete() and 0")


@WIDTHS
def test_the_tightest_limit_turns_amber_when_an_answer_ends(tight: Page, width: int):
    limit, meter = tight.locator("#allowance"), tight.locator("#allowance .meter")
    expect(meter).to_have_count(1)
    expect(limit).not_to_contain_text("used")
    choose_model(tight, "Scripted Demo Plain")
    send(tight, "Turn it amber")
    tight.wait_for_url("**/c/**")
    finished(tight)
    expect(meter).to_have_class("meter is-near")
    expect(limit).to_contain_text("% used")
    tight.set_viewport_size({"width": width, "height": 900})
    if width < 760:
        tight.locator(".bar [data-pane=sidebar]").click()
    expect(limit).to_be_in_viewport()
    assert violations_in_both(tight) == []
    limit.press("Enter")
    tight.wait_for_url("**/usage/")
    expect(tight.locator(".allowances")).to_contain_text("Your requests in total")
    assert violations_in_both(tight) == []
