"""The help of parameters is one line until it is needed, and null says at once that it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.pane import add_model, kept, pick, reset, row, sent

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.installation import Installation

NAME = "With Null"
PARAMETERS = {
    "temperature": {"type": "number", "minimum": 0, "maximum": 2},
    "frequency_penalty": {"type": ["number", "null"], "minimum": -2, "maximum": 2},
    "seed": {"type": "integer", "minimum": 1},
    "max_tokens": {"type": "integer", "minimum": 1},
    "stop": {"type": ["array", "null"], "items": {"type": "string"}},
    "logit_bias": {"type": ["object", "null"], "additionalProperties": {"type": "number"}},
    "user": {"type": ["string", "null"]},
}


@pytest.fixture
def panel(page: Page, installation: Installation) -> Page:
    add_model(installation, NAME, PARAMETERS)
    page.reload()
    pick(page, NAME)
    reset(page)
    return page


def lines(page: Page, name: str) -> int:
    help_text = row(page, name).locator(".parameter-help")
    return int(
        help_text.evaluate("p => Math.round(p.offsetHeight / parseFloat(getComputedStyle(p).lineHeight))")
    )


def top(place: Locator) -> float:
    return float(place.evaluate("each => each.getBoundingClientRect().top"))


def test_help_opens_where_a_parameter_is_used_and_moves_nothing_under_the_pointer(panel: Page):
    first, second = panel.locator("#p-temperature"), panel.locator("#p-frequency_penalty")
    assert lines(panel, "temperature") == lines(panel, "frequency_penalty") == 1
    described = str(first.get_attribute("aria-describedby")).split()
    assert "p-temperature--help" in described
    assert len(panel.locator("#p-temperature--help").text_content() or "") > 60
    before = top(first)
    first.click()
    assert top(first) == before
    assert lines(panel, "temperature") > 1
    # The first help stays open, so the second box is still where the pointer pressed.
    before = top(second)
    second.click()
    assert top(second) == before
    assert lines(panel, "temperature") > 1 < lines(panel, "frequency_penalty")
    # With the keyboard, one help at a time is open.
    panel.keyboard.press("Tab")
    expect(panel.locator(".is-explained")).to_have_count(1)
    assert lines(panel, "frequency_penalty") == 1
    panel.get_by_label("Prompt", exact=True).click()
    expect(panel.locator(".is-explained")).to_have_count(0)
    # A click on the help opens and closes it.
    row(panel, "temperature").locator(".parameter-more").click()
    assert lines(panel, "temperature") > 1
    row(panel, "temperature").locator(".parameter-help").click()
    assert lines(panel, "temperature") == 1
    # It stays whole where a parameter was changed.
    with kept(panel):
        panel.locator("#p-temperature").fill("0.5")
    panel.get_by_label("Prompt", exact=True).click()
    assert lines(panel, "temperature") > 1


def test_on_a_phone_a_tap_opens_the_help(panel: Page):
    panel.set_viewport_size({"width": 390, "height": 844})
    panel.get_by_role("button", name="Parameters").first.click()
    assert lines(panel, "frequency_penalty") == 1
    row(panel, "frequency_penalty").locator(".parameter-help").click()
    assert lines(panel, "frequency_penalty") > 1


def test_null_says_at_once_that_it_is_sent(panel: Page):
    for name in ("frequency_penalty", "stop", "logit_bias", "user"):
        toggle = row(panel, name).locator('[data-state="null"]')
        with kept(panel):
            toggle.focus()
            panel.keyboard.press("Space")
            # Without an answer of the server:
            assert name in sent(panel)
    placeholders = ["#p-frequency_penalty", '[data-parameter="stop"] .is-next input', "#p-user"]
    for place in placeholders:
        expect(panel.locator(place)).to_have_attribute("placeholder", "null")
    expect(row(panel, "logit_bias").locator(".parameter-rows")).to_be_hidden()
    for scheme in ("light", "dark"):
        panel.emulate_media(color_scheme=scheme)
        violations = Axe().run(panel, context="#parameters").response["violations"]
        assert [each["id"] for each in violations] == []
    panel.reload()
    expect(panel.locator("#p-frequency_penalty")).to_have_attribute("placeholder", "null")
    # A value takes the place of null.
    with kept(panel):
        panel.locator("#p-frequency_penalty").fill("1")
    expect(row(panel, "frequency_penalty").locator('[data-state="null"]')).not_to_be_checked()
    expect(panel.locator("#p-frequency_penalty")).to_have_attribute("placeholder", "not sent")
    with kept(panel):
        row(panel, "user").locator("[data-reset]").click()
    expect(panel.locator("#p-user")).to_have_attribute("placeholder", "not sent")
    assert sent(panel) == {"frequency_penalty", "stop", "logit_bias"}
