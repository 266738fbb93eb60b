"""A comparison in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SCRIPTED = ("Scripted Demo Plain", "Scripted Demo Markdown")


DELETE = """async () => {
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  const code = document.getElementById("compare").dataset.code;
  await fetch(`/c/${code}/delete/`, { method: "POST", headers, redirect: "manual" });
}"""


def new_comparison(page: Page) -> list[Locator]:
    """Open a new comparison, and return its columns."""
    # An empty one is opened again, as an earlier test has left it.
    _open(page)
    page.evaluate(DELETE)
    _open(page)
    return columns(page)


def _open(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Compare models").click()
    page.wait_for_url("**/compare/**")


def columns(page: Page) -> list[Locator]:
    return page.locator(".compare-column").all()


def choose(page: Page, column: Locator, model: str) -> None:
    """Choose the model of a column in its head."""
    column.locator(".column-model").click()
    picker = page.get_by_role("dialog", name="Choose a model")
    picker.get_by_label("Find a model").fill(model)
    picker.locator(".picker-row:visible", has_text=model).first.click()
    expect(picker).to_be_hidden()
    expect(column.locator(".column-model")).to_have_text(model)


def prompt(page: Page) -> Locator:
    return page.locator(".compare-composer .prompt")


def send(page: Page, text: str) -> None:
    prompt(page).fill(text)
    prompt(page).press("Enter")


def expect_answers(all_columns: list[Locator], count: int = 1, status: str = "finished") -> None:
    for column in all_columns:
        expect(column.locator(f"[data-status={status}]")).to_have_count(count)
