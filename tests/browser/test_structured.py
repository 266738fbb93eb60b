"""An answer in JSON: checked while it streams, listed with its errors, and read as a tree."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_accessibility import violations
from tests.browser.test_inspector import shot
from tests.browser.test_streamed_answer import finished, last_answer, send

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from playground.demo.server import DemoServer
    from tests.installation import Installation

INVOICE = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 900},
        "items": {"type": "array", "items": {"type": "object", "properties": {"price": {"type": "number"}}}},
    },
    "required": ["title", "items"],
}


def ask_for(page: Page, installation: Installation, format_: dict[str, Any]) -> None:
    """Choose the model and its format as the last change of another tab would have left them."""
    choose_model(page, "Scripted Demo Markdown")
    parameters = {"response_format": format_}
    installation.query(f"Draft.objects.update(parameters={parameters!r})")
    page.reload()


def test_it_is_checked_while_it_streams_and_read_as_a_tree(
    page: Page, installation: Installation, upstream: DemoServer
):
    ask_for(page, installation, {"type": "json_object"})
    gate = upstream.hold_after(12)
    send(page, "Plan a weekend in Lisbon")
    check = last_answer(page).locator(".check")
    expect(check).to_have_text("JSON, valid so far")
    gate.release()
    finished(page)
    expect(check.locator(".check-line")).to_contain_text("Valid JSON")
    tree = check.get_by_role("button", name="Tree")
    tree.press("Enter")
    expect(tree).to_have_attribute("aria-pressed", "true")
    expect(check.locator(".json-tree")).to_contain_text("is_demo")
    expect(last_answer(page).locator(".answer")).to_be_hidden()
    assert violations(page) == []
    shot(page, "json-tree")
    check.get_by_role("button", name="Text").click()
    expect(last_answer(page).locator(".answer")).to_be_visible()
    page.reload()
    expect(last_answer(page).locator(".check-line")).to_contain_text("Valid JSON")


def test_errors_are_listed_and_marked_in_the_tree(page: Page, installation: Installation):
    schema = {"name": "invoice", "schema": INVOICE}
    ask_for(page, installation, {"type": "json_schema", "json_schema": schema})
    send(page, "Write an invoice")
    finished(page)
    check = last_answer(page).locator(".check")
    expect(check.locator(".check-line")).to_contain_text("1 error against the schema “invoice”")
    expect(check.get_by_role("listitem").first).to_contain_text("/title")
    page.set_viewport_size({"width": 390, "height": 844})
    check.get_by_role("button", name="Tree").click()
    expect(check.locator(".json-node.is-wrong")).to_contain_text("title")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert violations(page) == []
    shot(page, "json-errors-phone")
    assert json.loads(page.locator(".answer").last.text_content() or "")
    page.reload()
    expect(last_answer(page).locator(".check-line")).to_contain_text(re.compile("1 error against"))
