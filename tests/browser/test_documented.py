"""Doubtful parameters, values that do not go together, an announced end, and the replacement of a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.pane import kept, pick, reset, row, sent

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.installation import Installation

WIDER = "document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"


def test_doubtful_parameters_are_folded_until_they_are_looked_for_or_set(page: Page):
    pick(page, "Claude Opus 4.1")
    reset(page)
    group = page.locator('[data-group="another"]')
    expect(group.locator("summary")).to_contain_text("From another version of the documentation")
    expect(row(page, "presence_penalty")).to_be_hidden()
    expect(row(page, "temperature")).to_contain_text("Another version of the documentation says 0 – 2.")
    find = page.get_by_label("Find a parameter")
    find.fill("presence")
    expect(row(page, "presence_penalty")).to_be_visible()
    with kept(page):
        page.keyboard.press("Enter")
        page.locator("#p-presence_penalty").fill("1.5")
    find.fill("")
    expect(row(page, "presence_penalty")).to_be_visible()
    page.reload()
    assert sent(page) == {"presence_penalty"}
    expect(row(page, "presence_penalty")).to_be_visible()
    # The group is not remembered: without a value it is folded again.
    reset(page)
    page.reload()
    expect(row(page, "presence_penalty")).to_be_hidden()


def test_a_budget_above_max_tokens_is_said_while_one_types(page: Page):
    pick(page, "Claude Opus 4.1")
    reset(page)
    with kept(page):
        page.locator("#p-max_tokens").fill("2000")
    row(page, "thinking").get_by_label("JSON").first.check()
    editor = page.locator("#p-thinking--json")
    editor.fill('{"type": "enabled", "budget_tokens": 4000}')
    said = page.get_by_text("max_tokens is 2,000 and includes thinking. Make it larger than this budget.")
    expect(said).to_be_visible()
    page.locator("#p-max_tokens").fill("4001")
    expect(said).to_be_hidden()


@pytest.mark.parametrize("is_phone", [False, True], ids=["wide", "phone"])
def test_an_announced_end_leads_to_the_successor_here_and_everywhere(
    page: Page, installation: Installation, is_phone: bool
):
    if is_phone:
        page.set_viewport_size({"width": 390, "height": 844})
    number = installation.query('UpstreamModel.objects.get(model_id="gpt-4o").pk')
    page.goto("/w/acme-research/?model=gpt-4o")
    prompt = page.get_by_role("textbox", name="Prompt")
    prompt.fill("Is this kept?")
    expect(page.locator(".composer")).to_contain_text(
        "AI/ML API announced the end of GPT-4o for 17 February 2026. "
        "It names gpt-5.1-chat-latest as successor."
    )
    assert not page.evaluate(WIDER)
    switch = page.get_by_role("button", name="Switch to GPT-5.1 Chat latest")
    if is_phone:
        switch.click()
    else:
        switch.focus()
        page.keyboard.press("Enter")
    expect(page.locator(".picker-current")).to_have_text("GPT-5.1 Chat latest")
    expect(prompt).to_have_value("Is this kept?")
    expect(page.locator(".composer")).not_to_contain_text("announced the end")
    installation.query(f"Draft.objects.update(model={number})")
    page.goto(f"/w/acme-research/models/{number}/")
    page.get_by_role("link", name="Replace it everywhere").click()
    expect(page.get_by_label("Replace it with")).to_have_value(re.compile(r"\d+"))
    assert not page.evaluate(WIDER)
    replace = page.get_by_role("button", name=re.compile("Replace in 1 place"))
    if is_phone:
        replace.click()
    else:
        replace.focus()
        page.keyboard.press("Enter")
    expect(page.get_by_text("GPT-5.1 Chat latest has taken the place of GPT-4o in 1 place.")).to_be_visible()
    page.goto(f"/w/acme-research/models/{number}/replace/")
    expect(page.get_by_text("uses GPT-4o for its next prompt")).to_be_visible()
