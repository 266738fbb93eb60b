"""The library of tools: built in rows, used in a chat, and answered, by mouse and by keyboard."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.choosing import choose_model

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


RESULT = '{"type": "object", "properties": {"celsius": {"type": "integer"}}, "required": ["celsius"]}'


def has_json(page: Page, value: object) -> None:
    expect(page.locator("#schema-text")).to_have_value(json.dumps(value, indent=2))


def test_a_tool_is_built_used_and_answered_with_the_mouse(page: Page) -> None:
    build_tool(page)
    demand_call(page)
    answer_calls(page)


def build_tool(page: Page) -> None:
    page.goto("/w/acme-research/tools/")
    page.get_by_role("link", name="New tool").click()
    page.get_by_label("Name", exact=True).fill("look_up")
    page.get_by_role("button", name="Add a row").click()
    expect(page.locator("#name-r-0")).to_be_focused()
    page.locator("#name-r-0").fill("city")
    page.get_by_label("required").check()
    has_json(page, {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})

    # Rows show as JSON what they cannot express, and a text that is no JSON changes nothing.
    odd = {"type": "object", "properties": {"city": {"anyOf": [{"type": "string"}]}}, "required": ["city"]}
    page.locator("#schema-text").fill(json.dumps(odd, indent=2))
    expect(page.get_by_label("“city”, written in JSON")).to_have_value(re.compile("anyOf"))
    page.locator("#schema-text").fill("{")
    expect(page.locator("#schema-error")).to_contain_text("line 1, column 2")
    page.get_by_role("button", name="Replace it with the rows").click()
    has_json(page, odd)

    page.get_by_text("Results", exact=True).click()
    page.get_by_label("Name of example 1").fill("sunny")
    page.get_by_label("Result of example 1").fill('{"celsius": 20}')
    page.get_by_label("Schema of the result").fill(RESULT)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("look_up is saved.")).to_be_visible()


def demand_call(page: Page) -> None:
    page.goto("/w/acme-research/")
    choose_model(page, "Scripted Demo Tools")
    page.get_by_role("button", name="Choose from library").first.click()
    page.get_by_role("checkbox", name="look_up").check()
    page.get_by_role("button", name="Use", exact=True).click()
    page.get_by_label("Demand a call of one tool").select_option("look_up")
    expect(page.locator("[data-changed]").first).to_have_text("2")
    page.locator(".composer .prompt").fill("Look up both Oslo and Rome.")
    page.get_by_role("button", name="Send", exact=True).click()


def answer_calls(page: Page) -> None:
    first, second = page.locator("[data-tool-answer]").nth(0), page.locator("[data-tool-answer]").nth(1)
    first.get_by_label("Saved results of look_up").select_option("sunny")
    expect(box(first)).to_have_value('{"celsius": 20}')
    first.get_by_role("button", name="Fill in a form").click()
    page.locator("#library-dialog").get_by_label("celsius", exact=True).fill("7")
    page.locator("#library-dialog").get_by_role("button", name="Use").click()
    expect(box(first)).to_have_value('{\n  "celsius": 7\n}')
    second.get_by_role("button", name="Echo the arguments").click()
    expect(box(second)).to_have_value(re.compile("Rome"))
    box(second).fill('{"celsius": ')
    page.get_by_role("button", name="Send all results").click()
    messages = page.get_by_role("region", name="Messages")
    expect(messages.get_by_text("This is not JSON: line 1, column 13.")).to_be_visible()
    second.get_by_label("Plain text").check()
    page.get_by_role("button", name="Send all results").click()
    expect(page.locator(".message.tool")).to_have_count(2)
    expect(page.locator(".message.assistant").last).to_contain_text("celsius")


def box(answer: Locator) -> Locator:
    return answer.locator("[data-result]")


def test_a_few_of_many_are_chosen_for_an_import(page: Page) -> None:
    names = [*(f"get_{number}" for number in range(8)), "set_a", "set_" + "b" * 60]
    page.goto("/w/acme-research/tools/import/")
    tools = [{"type": "function", "function": {"name": name}} for name in names]
    page.get_by_label("Text").fill(json.dumps(tools))
    page.get_by_role("button", name="Continue").click()
    every, count = page.get_by_label("All", exact=True), page.get_by_role("status").filter(has_text="chosen")
    expect(every).to_be_checked()
    expect(count).to_have_text("10 chosen")
    every.uncheck()
    page.get_by_label("Find in this list").fill("set_")
    every.check()
    page.get_by_label("Find in this list").fill("")
    expect(count).to_have_text("2 chosen")
    expect(every).to_have_js_property("indeterminate", True)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("Imported: set_a, set_b")).to_be_visible()

    # The longest name does not push the fields of a tool out of the panel.
    page.goto("/w/acme-research/")
    choose_model(page, "Scripted Demo Tools")
    page.get_by_role("button", name="Choose from library").first.click()
    page.get_by_role("checkbox", name="set_b").check()
    page.get_by_role("button", name="Use", exact=True).click()
    name = page.locator("#p-tools-0-function-name")
    expect(name).to_have_value("set_" + "b" * 60)
    assert name.evaluate("name => name.getBoundingClientRect().right <= innerWidth")


def test_rows_are_built_with_the_keyboard_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/w/acme-research/tools/schema/new/")
    page.get_by_label("Name", exact=True).fill("person")
    for name in ("name", "age"):
        page.get_by_role("button", name="Add a row").focus()
        page.keyboard.press("Enter")
        expect(page.locator(":focus")).to_have_attribute("placeholder", "name")
        page.keyboard.type(name)
    page.locator("#kind-r-1").focus()
    page.keyboard.type("integer")
    has_json(page, {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}})
    page.locator("#up-r1").focus()
    page.keyboard.press("Enter")
    has_json(page, {"type": "object", "properties": {"age": {"type": "integer"}, "name": {"type": "string"}}})
    page.locator("#remove-r1").focus()
    page.keyboard.press("Enter")
    has_json(page, {"type": "object", "properties": {"age": {"type": "integer"}}})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("person is saved.")).to_be_visible()
