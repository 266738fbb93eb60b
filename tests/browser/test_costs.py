"""What a prompt will cost, and what an answer cost."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.accounts.test_money import AMOUNTS
from tests.browser.choosing import choose_model
from tests.browser.pane import kept

if TYPE_CHECKING:
    from playwright.sync_api import Page

DIGITS = """async (amounts) => {
    const { usd } = await import("/static/js/composer/money.js");
    return amounts.map((amount) => usd(Number(amount)));
}"""


def test_the_composer_writes_dollars_as_the_receipt_does(page: Page):
    assert page.evaluate(DIGITS, list(AMOUNTS)) == list(AMOUNTS.values())


def test_the_estimate_and_the_receipt_say_what_a_prompt_costs(page: Page):
    choose_model(page, "Scripted Demo Plain")
    estimate = page.locator(".composer-estimate")
    page.get_by_label("Prompt", exact=True).fill("Hello")
    expect(estimate).to_have_text(re.compile(r"^~\d+ tokens · up to \$0\.\d+$"))
    usual = estimate.text_content()
    extra = page.locator('[data-group="extra"]')
    extra.evaluate("group => { group.open = true; }")
    with kept(page):
        extra.locator("textarea").fill(json.dumps({"options": {"Num_Predict": 4}}))
    expect(estimate).not_to_have_text(usual or "")
    with kept(page):
        extra.locator("textarea").fill("")
    expect(estimate).to_have_text(usual or "")
    page.get_by_label("Prompt", exact=True).press("Enter")
    receipt = page.locator(".receipt").last
    expect(receipt).to_contain_text(re.compile(r"\d+ in,\s+→\s+\d+ out, tokens"))
    expect(receipt).to_contain_text(re.compile(r"\$0\.\d+"))
