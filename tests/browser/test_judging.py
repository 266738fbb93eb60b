"""Judging the answers of a comparison: differences, hidden names, a choice, results."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.comparing import columns, expect_answers, new_comparison, send
from tests.browser.test_accessibility import violations


def tool(page, name: str) -> None:
    page.get_by_label("Judge the answers").click()
    page.locator(".compare-tools[open]").get_by_role("button", name=name).click()


def test_answers_are_compared_hidden_and_chosen(page):
    new_comparison(page)
    send(page, "Write a short poem about rivers.")
    expect_answers(columns(page))
    assert violations(page) == []

    tool(page, "Word differences")
    difference = page.get_by_role("dialog", name="Word differences")
    expect(difference.locator("ins")).not_to_have_count(0)
    assert violations(page) == []
    difference.get_by_label("From").select_option(index=1)
    difference.get_by_label("To").select_option(index=1)
    expect(difference.locator("ins")).to_have_count(0)
    page.keyboard.press("Escape")

    with page.expect_navigation():
        tool(page, "Hide the names")
    expect(page.locator("#compare")).not_to_contain_text("Demo")
    expect(page.locator("#panel-heading")).to_have_text("Names are hidden")
    assert violations(page) == []
    send(page, "And one about hills.")
    expect_answers(columns(page), 2)
    expect(page.locator("#compare")).not_to_contain_text("tokens/s")

    columns(page)[1].get_by_role("button", name="Choose as the best").click()
    dialog = page.get_by_role("dialog", name="Choose column 2")
    dialog.get_by_label("Why is it the best?").fill("It rhymes.")
    with page.expect_navigation():
        dialog.get_by_role("button", name="Choose", exact=True).click()

    expect(page.locator(".messages")).to_contain_text("Your choice of column 2 is saved.")
    expect(page.locator("#compare")).to_contain_text("Demo")
    tool(page, "Choices and results")
    results = page.get_by_role("dialog", name="Choices and results")
    expect(results).to_contain_text("It rhymes.")
    expect(results.locator("tbody tr")).not_to_have_count(0)
    assert violations(page) == []
