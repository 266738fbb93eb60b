"""The inspector beside an answer: by mouse and keyboard, wide and on a phone."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_accessibility import violations
from tests.browser.test_streamed_answer import finished, send

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from playground.demo.server import DemoServer

TABS = ("Request", "Raw", "Events", "Timeline", "Code", "Cost")


def test_it_opens_beside_the_answer_and_closes_again(page: Page):
    choose_model(page, "Scripted Demo Plain")
    send(page, "Which <b>tide</b> is highest?")
    finished(page)
    inspector, link = page.locator("#inspector"), page.locator(".receipt [data-inspect]")
    link.click()
    expect(inspector.get_by_role("heading", name="Inspector")).to_be_focused()
    expect(page.get_by_role("heading", name="Parameters")).to_be_hidden()
    expect(inspector).to_contain_text("Which <b>tide</b> is highest?")
    expect(inspector).to_contain_text("/v1/chat/completions")
    for tab in TABS:
        inspector.get_by_role("tab", name=tab, exact=True).click()
        expect(inspector.get_by_role("tab", name=tab, exact=True, selected=True)).to_be_focused()
        expect(inspector.get_by_role("tabpanel", name=tab)).to_be_visible()
        assert violations(page) == []
        shot(page, f"wide-{tab.lower()}")
    expect(inspector.get_by_role("row", name=re.compile("^Ledger entry"))).to_be_visible()
    # The arrow keys go round.
    page.keyboard.press("End")
    expect(inspector.get_by_role("tab", name="Code", exact=True, selected=True)).to_be_focused()
    expect(inspector).to_contain_text("curl")
    page.keyboard.press("ArrowRight")
    expect(inspector.get_by_role("tab", name="Request", selected=True)).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(inspector.get_by_role("tab", name="Timeline", selected=True)).to_be_focused()
    expect(inspector).to_contain_text("Writing the answer")

    page.keyboard.press("Escape")
    expect(inspector).to_be_hidden()
    expect(link).to_be_focused()
    expect(page.get_by_role("heading", name="Parameters")).to_be_visible()
    # The last tab is remembered, and the figures of the receipt lead to the cost.
    page.keyboard.press("Enter")
    expect(inspector.get_by_role("tab", name="Timeline", selected=True)).to_be_visible()
    page.locator(".receipt b").first.click()
    expect(inspector.get_by_role("tab", name="Cost", selected=True)).to_be_visible()
    page.get_by_role("button", name="Close the inspector").click()
    expect(inspector).to_be_hidden()


def test_it_is_searched_filtered_and_opened_apart(page: Page):
    choose_model(page, "Scripted Demo Plain")
    send(page, "Say anchor. " + "anchor " * 120)
    finished(page)
    page.locator(".receipt [data-inspect]").click()
    inspector = page.locator("#inspector")
    find = inspector.get_by_role("searchbox", name="Find in this tab")
    find.fill("ANCHOR")
    expect(inspector.get_by_role("status")).to_have_text("121 matches")
    # A folded text with a match unfolds.
    expect(inspector.locator("details.fold")).to_have_attribute("open", "")
    find.press("Enter")
    find.press("Escape")
    expect(find).to_have_value("")
    expect(inspector).to_be_visible()

    inspector.get_by_role("tab", name="Events").click()
    rows = inspector.get_by_role("list", name="Events").get_by_role("listitem")
    expect(rows.filter(has_text="finished")).to_have_count(1)
    inspector.get_by_role("link", name=re.compile("^usage")).click()
    expect(rows).to_have_count(1)
    inspector.get_by_role("link", name="All", exact=True).click()
    find.fill("finished")
    expect(rows.locator("visible=true")).to_have_count(1)
    with page.expect_download() as download:
        inspector.get_by_role("link", name="Download (JSON lines)").click()
    assert download.value.suggested_filename.endswith("-try-1-events.jsonl")

    with page.expect_popup() as opened:
        inspector.get_by_role("link", name="Open in a new tab").click()
    apart = opened.value
    expect(apart.get_by_role("tab", name="Events", selected=True)).to_be_visible()
    apart.get_by_role("tab", name="Timeline").click()
    expect(apart.locator(".timeline")).to_contain_text("Queued")
    assert violations(apart) == []
    shot(apart, "apart")


def test_on_a_phone_it_is_a_sheet(page: Page):
    page.set_viewport_size({"width": 390, "height": 844})
    choose_model(page, "Scripted Demo Plain")
    send(page, "Which tide is highest?")
    finished(page)
    link = page.locator(".receipt [data-inspect]")
    link.press("Enter")
    inspector = page.locator("#inspector")
    expect(inspector.get_by_role("heading", name="Inspector")).to_be_focused()
    box = inspector.bounding_box()
    assert box and (box["x"], box["width"]) == (0, 390)
    for tab in TABS:
        inspector.get_by_role("tab", name=tab, exact=True).click()
        expect(inspector.get_by_role("tab", name=tab, exact=True, selected=True)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        shot(page, f"phone-{tab.lower()}")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(inspector).to_be_hidden()
    expect(link).to_be_focused()
    # The parameters are behind it again.
    page.get_by_role("button", name="Parameters", exact=True).click()
    expect(page.get_by_role("heading", name="Parameters")).to_be_visible()


def test_a_live_answer_has_its_request_at_once(page: Page, upstream: DemoServer):
    choose_model(page, "Scripted Demo Plain")
    gate = upstream.hold_after(3)
    send(page, "Take your time")
    page.locator(".message[data-run] [data-inspect]").click()
    inspector = page.locator("#inspector")
    inspector.get_by_role("tab", name="Request").click()
    expect(inspector).to_contain_text("Take your time")
    inspector.get_by_role("tab", name="Raw").click()
    expect(inspector).to_contain_text("after it has ended")
    inspector.get_by_role("tab", name="Timeline").click()
    expect(inspector).to_contain_text("so far")
    page.keyboard.press("Escape")
    gate.release()
    finished(page)


def test_the_next_request_is_shown_before_it_is_sent(page: Page):
    choose_model(page, "Scripted Demo Plain")
    prompt, button = page.get_by_label("Prompt", exact=True), page.locator("#show-request")
    inspector = page.locator("#inspector")
    button.click()
    expect(inspector).to_contain_text("Write a prompt first.")
    page.keyboard.press("Escape")
    expect(inspector).to_be_hidden()
    expect(button).to_be_focused()
    prompt.fill("Which <i>wind</i> is warmest?")
    button.press("Enter")
    expect(inspector.get_by_role("heading", name="The next request")).to_be_focused()
    expect(inspector).to_contain_text('"content": "Which <i>wind</i> is warmest?"')
    expect(inspector).to_contain_text("/v1/chat/completions")
    expect(inspector.get_by_role("row", name=re.compile("^Tokens out"))).to_contain_text("at most")
    assert violations(page) == []
    shot(page, "next-wide")
    # Nothing was sent, and the prompt is still there.
    page.get_by_role("button", name="Close the request").click()
    expect(page.locator(".message")).to_have_count(0)
    expect(prompt).to_have_value("Which <i>wind</i> is warmest?")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Parameters", exact=True).click()
    button.click()
    expect(inspector).to_contain_text("warmest?")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    shot(page, "next-phone")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Parameters")).to_be_visible()


def shot(page: Page, name: str) -> None:
    """Keep a screenshot for people who change the look: set SHOTS to a folder."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"inspector-{name}.png")
