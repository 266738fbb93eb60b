"""The columns of a comparison: added, moved, copied from, removed; wide and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.comparing import choose, columns, expect_answers, new_comparison, prompt, send
from tests.browser.hands import PHONE
from tests.browser.pressing import press
from tests.browser.test_accessibility import violations

if TYPE_CHECKING:
    from playwright.sync_api import Page


def act(page, number: int, name: str) -> None:
    """Choose from the menu of a column; the page comes again."""
    columns(page)[number - 1].get_by_label(f"More about column {number}").click()
    with page.expect_navigation():
        page.locator(".column-menu[open]").get_by_role("button", name=name, exact=True).click()


def copy_messages(page, number: int) -> None:
    """Copy the messages of a column to all others, as the dialog offers."""
    columns(page)[number - 1].get_by_label(f"More about column {number}").click()
    page.locator(".column-menu[open]").get_by_role("button", name="Copy to other columns").click()
    dialog = page.get_by_role("dialog", name=f"Copy from column {number}")
    dialog.get_by_label("Messages").check()
    with page.expect_navigation():
        dialog.get_by_role("button", name="Copy", exact=True).click()


def names(page) -> list[str]:
    return [text.strip() for text in page.locator(".column-model").all_inner_texts()]


def test_columns_are_added_moved_duplicated_and_removed(page):
    new_comparison(page)
    prompt(page).fill("Kept words.")
    with page.expect_navigation():
        page.get_by_role("button", name="Add column").click()
    expect(page.locator("#panel-heading")).to_have_text("Column 3")
    expect(prompt(page)).to_have_value("Kept words.")
    assert names(page) == ["Demo Plain", "Demo Markdown", "Demo Reasoning"]

    act(page, 1, "Move right")
    assert names(page) == ["Demo Markdown", "Demo Plain", "Demo Reasoning"]
    act(page, 3, "Duplicate")
    assert names(page) == ["Demo Markdown", "Demo Plain", "Demo Reasoning", "Demo Reasoning"]
    act(page, 4, "Remove column")
    act(page, 3, "Remove column")
    assert names(page) == ["Demo Markdown", "Demo Plain"]
    columns(page)[0].get_by_label("More about column 1").click()
    expect(page.get_by_role("button", name="Remove column")).to_have_count(0)


def test_a_column_is_moved_by_dragging_its_head_and_by_a_shortcut(page):
    new_comparison(page)
    with page.expect_navigation():
        page.locator(".column-head .column-number").first.drag_to(page.locator(".column-head").nth(1))
    assert names(page) == ["Demo Markdown", "Demo Plain"]

    # In a box, the keys select words.
    prompt(page).press("Alt+Shift+ArrowLeft")
    columns(page)[1].get_by_label("Send to column 2").focus()
    with page.expect_navigation():
        page.keyboard.press("Alt+Shift+ArrowLeft")
    assert names(page) == ["Demo Plain", "Demo Markdown"]
    expect(page.get_by_label("More about column 1")).to_be_focused()
    page.keyboard.press("Alt+Shift+ArrowLeft")
    with page.expect_navigation():
        page.keyboard.press("Alt+Shift+ArrowRight")
    assert names(page) == ["Demo Markdown", "Demo Plain"]


def test_messages_are_copied_and_one_column_goes_on_alone(page):
    new_comparison(page)
    columns(page)[1].get_by_label("Send to column 2").uncheck()
    send(page, "Hello, first one.")
    expect_answers(columns(page)[:1])

    copy_messages(page, 1)
    expect(page.locator(".messages")).to_contain_text("The messages were copied to 1 column.")
    expect(columns(page)[1].locator(".bubble")).to_have_text("Hello, first one.")
    # The choice of columns is kept.
    expect(columns(page)[1].get_by_label("Send to column 2")).not_to_be_checked()

    assert names(page) == ["Demo Plain", "Demo Markdown"]
    act(page, 2, "Go on with this one alone")
    page.wait_for_url("**/c/**")
    expect(page.locator(".bubble")).to_have_text("Hello, first one.")
    expect(page.locator(".picker-current")).to_have_text("Demo Markdown")


def test_a_conversation_is_compared_with_another_model(page):
    page.goto("/")
    page.locator(".prompt").fill("Hello alone.")
    page.locator(".prompt").press("Enter")
    page.wait_for_url("**/c/**")
    expect(page.locator("[data-status=finished]")).to_have_count(1)
    page.get_by_label("More about this conversation").click()
    page.get_by_role("button", name="Compare with other models").click()

    page.wait_for_url("**/compare/**")
    for column in columns(page):
        expect(column.locator(".bubble")).to_have_text("Hello alone.")
    assert len(set(names(page))) == 2
    send(page, "And together.")
    expect_answers(columns(page))


def test_figures_appear_with_the_answers_and_mark_the_best(page):
    new_comparison(page)
    expect(page.locator(".figures-place")).to_be_hidden()

    send(page, "Write a short poem about rivers.")
    page.get_by_text("Figures of the last answers").click()

    rows = page.locator(".figures tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Demo Plain")
    expect_answers(columns(page))
    expect(page.locator(".figures td.is-best")).not_to_have_count(0)
    page.reload()
    expect(page.locator(".figures-place")).to_have_attribute("open", "")


def test_columns_scroll_apart_or_together(page):
    new_comparison(page)
    send(page, "Write a short poem about rivers.")
    expect_answers(columns(page))
    copy_messages(page, 2)
    page.set_viewport_size({"width": 1200, "height": 500})
    page.reload()
    first, second = (column.locator(".scroller") for column in columns(page))

    def wheel(by: int) -> None:
        first.hover()
        page.mouse.wheel(0, by)

    expect(first).not_to_have_js_property("scrollTop", 0)
    expect(second).not_to_have_js_property("scrollTop", 0)

    wheel(-9000)
    expect(first).to_have_js_property("scrollTop", 0)
    expect(second).not_to_have_js_property("scrollTop", 0)
    page.get_by_label("Scroll the columns together").click()
    expect(second).to_have_js_property("scrollTop", 0)
    wheel(300)
    expect(second).not_to_have_js_property("scrollTop", 0)


def test_another_page_hears_of_changed_columns(page):
    new_comparison(page)
    other = page.context.new_page()
    other.goto(page.url)
    prompt(other).fill("Half a thought")

    with page.expect_navigation():
        page.get_by_role("button", name="Add column").click()

    other.get_by_role("link", name="Show the changes").click()
    expect(other.locator(".compare-column")).to_have_count(3)
    expect(prompt(other)).to_have_value("Half a thought")
    act(page, 3, "Remove column")
    # The answers of the other columns still arrive.
    send(page, "Hello both.")
    expect_answers(columns(other)[:2])
    other.get_by_role("link", name="Show the changes").click()
    expect(other.locator(".compare-column")).to_have_count(2)


def test_there_are_at_most_eight(page):
    new_comparison(page)
    add = page.get_by_role("button", name="Add column")
    for count in range(3, 9):
        with page.expect_navigation():
            press(add, by_keyboard=True)
        expect(page.locator(".compare-column")).to_have_count(count)
        expect(columns(page)[-1]).to_be_in_viewport(ratio=0.5)
    expect(add).to_have_count(0)
    expect(page.locator(".compare-column:visible")).to_have_count(8)
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    # The tab of the last column is brought into sight with it.
    press(page.get_by_role("tab").last, by_keyboard=True)
    expect(columns(page)[7]).to_be_in_viewport(ratio=0.9)
    expect(page.locator("html")).to_have_js_property("scrollWidth", PHONE["width"])
    assert violations(page) == []


def swipe(page: Page, start: int, end: int) -> None:
    """Move a finger across the messages from one place to another."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *places: float) -> None:
        points = [{"x": place, "y": PHONE["height"] / 2} for place in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", start)
    for step in range(1, 11):
        touch("touchMove", start + (end - start) * step / 10)
    touch("touchEnd")


def test_on_a_phone_one_column_is_shown_at_a_time(page, phone):
    new_comparison(page)
    send(page, "Hello both.")
    expect_answers(columns(page))
    phone.goto(page.url)
    first, second = columns(phone)
    tabs = phone.get_by_role("tab")

    expect(second).not_to_be_in_viewport()
    tabs.nth(1).tap()
    expect(second).to_be_in_viewport(ratio=0.9)
    expect(first).not_to_be_in_viewport(ratio=0.1)
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    tabs.nth(1).press("ArrowLeft")
    expect(first).to_be_in_viewport(ratio=0.9)
    expect(tabs.nth(0)).to_be_focused()

    swipe(phone, 350, 60)
    expect(second).to_be_in_viewport(ratio=0.9)
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    swipe(phone, 60, 350)
    expect(first).to_be_in_viewport(ratio=0.9)
    tabs.nth(1).tap()
    choose(phone, second, "Demo Reasoning")
    expect(tabs.nth(1)).to_contain_text("Demo Reasoning")
    second.get_by_role("button", name="Model and parameters of column 2").click()
    expect(phone.locator("#panel-heading")).to_have_text("Column 2")
    phone.get_by_role("button", name="Close the parameters").click()
    expect(phone.locator("html")).to_have_js_property("scrollWidth", PHONE["width"])
