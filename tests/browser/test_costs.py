"""The cost of a prompt before it is sent, the cost of its answer, and the context that both use."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.accounts.test_money import AMOUNTS
from tests.browser.choosing import choose_model
from tests.browser.pane import EVERYTHING, add_model, kept, pick, reset, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.installation import Installation

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


TOOLS = [{"type": "function", "function": {"name": name}} for name in ("get_weather", "search")]
SUMMED_UP = {
    "frequency_penalty": {"type": ["number", "null"]},
    "tools": EVERYTHING["tools"],
}
_WINDOW = "UpstreamModel.objects.filter(name='Summed Up').update(context_length=%d)"


@pytest.fixture
def summed_up(page: Page, installation: Installation) -> Page:
    add_model(installation, "Summed Up", SUMMED_UP)
    installation.query(_WINDOW % 200)
    page.reload()
    pick(page, "Summed Up")
    reset(page)
    return page


def test_the_line_above_an_answer_names_model_endpoint_and_values(summed_up: Page):
    page = summed_up
    with kept(page):
        row(page, "frequency_penalty").locator('[data-state="null"]').check(force=True)
    with kept(page):
        row(page, "tools").locator('[data-state="json"]').check(force=True)
        page.locator("#p-tools--json").fill(json.dumps(TOOLS))
    expect(page.locator("#endpoint-choice")).to_have_text("Chat Completions")
    page.get_by_label("Prompt", exact=True).fill("Hello")
    page.get_by_label("Prompt", exact=True).press("Enter")
    answer = page.locator(".message.assistant").last
    expect(answer.locator(".receipt-raw")).to_be_visible()
    expect(answer.locator(".answer-model")).to_have_text("Summed Up")
    line = answer.locator(".answer-setting")
    expect(line).to_contain_text("Chat Completions")
    expect(line).to_contain_text(re.compile(r"frequency_penalty\s+null"))
    expect(line).to_contain_text(re.compile(r"tools\s+get_weather, search"))
    whole = line.locator("pre")
    expect(whole).to_be_hidden()
    line.get_by_role("button", name="tools").hover()
    expect(whole).to_be_visible()
    assert json.loads(whole.text_content() or "") == TOOLS
    page.mouse.move(0, 0)
    expect(whole).to_be_hidden()
    line.get_by_role("button", name="tools").focus()
    expect(whole).to_be_visible()
    answer.locator(".receipt-raw").click()
    expect(page.locator(".inspector-about")).to_contain_text("Chat Completions")
    expect(page.locator(".inspector-panel")).to_contain_text('"frequency_penalty": null')


def test_the_composer_says_how_much_of_the_context_a_prompt_uses(summed_up: Page):
    page = summed_up
    prompt = page.get_by_label("Prompt", exact=True)
    context = page.locator(".composer-context")
    expect(context).to_be_hidden()
    before = prompt.bounding_box()
    prompt.fill("x" * 40)
    expect(context).to_contain_text("10 of 200 tokens")
    assert prompt.bounding_box() == before
    prompt.press("Enter")
    page.locator(".receipt-raw").wait_for()
    # From here on it begins with what the provider counted.
    counted = int(page.locator("[data-context]").last.get_attribute("data-context") or 0)
    expect(context).to_contain_text(f"{counted} of 200 tokens")
    prompt.fill("x" * 4 * (160 - counted))
    expect(context).to_contain_text("160 of 200 tokens 80 % used")
    expect(page.locator("#announcer")).to_have_text("160 of 200 tokens 80 % used")
    prompt.fill("x" * 4 * (300 - counted))
    expect(context).to_contain_text("300 of 200 tokens do not fit. Shorten the prompt")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        violations = Axe().run(page, context=".composer").response["violations"]
        assert [each["id"] for each in violations] == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    context.get_by_role("button", name="choose another model").click()
    expect(page.get_by_role("dialog", name="Choose a model")).to_be_visible()


def test_a_model_whose_context_is_unknown_has_no_meter(page: Page, installation: Installation):
    add_model(installation, "Of Unknown Size", {})
    page.reload()
    pick(page, "Of Unknown Size")
    page.get_by_label("Prompt", exact=True).fill("Hello")
    expect(page.locator(".composer-estimate")).to_contain_text("tokens")
    expect(page.locator(".composer-context")).to_have_count(0)


# The window of the current period has 84 tokens used, whatever other tests have used.
_LIMIT = (
    "LimitWindow.objects.create(used=84,"
    " limit=Limit.objects.create(workspace=Workspace.objects.get(), unit='tokens', period='ever', amount=%d),"
    " starts_at=__import__('accounts.ledger.periods').ledger.periods.span_at('ever',"
    " __import__('django.utils.timezone').utils.timezone.now()).starts_at).pk"
)


@pytest.fixture
def limits(installation: Installation) -> Iterator[Installation]:
    yield installation
    installation.query("str(Limit.objects.filter(batch=None).delete())")


@pytest.mark.parametrize(
    ("amount", "words", "level"), [(100, "84 % used", "is-near"), (84, "limit reached", "is-full")]
)
def test_an_allowance_is_amber_when_little_is_left_and_red_at_its_end(
    page: Page, limits: Installation, amount, words, level
):
    limits.query(_LIMIT % amount)
    for address in ("/w/acme-research/", "/w/acme-research/usage/", "/w/acme-research/limits/"):
        page.goto(address)
        said = page.locator(f".fullness.{level}", has_text=words)
        expect(said.first).to_be_visible()
        expect(page.locator(f"progress.meter.{level}").first).to_have_attribute("value", f"{84 / amount:.4f}")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            violations = Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
            assert [each["id"] for each in violations] == []
    page.set_viewport_size({"width": 390, "height": 844})
    expect(said.first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
