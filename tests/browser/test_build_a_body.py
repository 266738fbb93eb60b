"""A whole request body, built with the mouse and again with the keyboard, compared with what was sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.pane import EVERYTHING, add_model, choose, kept, pick, reset, row
from tests.browser.test_streamed_answer import finished, last_answer, send

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from playground.demo.server import DemoServer

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
MEANT: dict[str, Any] = {
    "stop": ["END", "STOP"],
    "logit_bias": {"50256": -100, "1234": 5},
    "thinking": {"type": "enabled", "budget_tokens": 2048},
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "place", "strict": True, "schema": CITY},
    },
    "tools": [
        {"type": "function", "function": {"name": "weather", "parameters": CITY}},
    ],
}


@pytest.fixture(scope="module")
def everything(installation) -> str:
    add_model(installation, "Everything", EVERYTHING)
    return "Everything"


@pytest.fixture
def pane(page: Page, everything: str) -> Page:
    pick(page, everything)
    reset(page)
    return page


def body(upstream: DemoServer) -> dict[str, Any]:
    """Return the body that the upstream got, without the fields of every request."""
    got = dict(upstream.requests[-1].body)
    return {name: value for name, value in got.items() if name in EVERYTHING}


def test_by_mouse(pane: Page, upstream: DemoServer):
    stop = row(pane, "stop")
    stop.get_by_label("new entry").click()
    pane.keyboard.type("END")
    stop.locator(".is-next input").click()
    pane.keyboard.type("STOP")

    bias = row(pane, "logit_bias")
    bias.get_by_label("Key").first.fill("50256")
    bias.get_by_label("value", exact=True).first.fill("-100")
    bias.get_by_role("button", name="Add a row").click()
    bias.get_by_label("Key").last.fill("1234")
    bias.get_by_label("value", exact=True).last.fill("5")

    choose(pane, "thinking", "enabled")
    pane.locator("#p-thinking-as-enabled-budget_tokens").fill("2048")

    choose(pane, "response_format", "schema")
    of_schema = row(pane, "response_format").locator('[data-branch="json_schema"]')
    of_schema.get_by_label("name", exact=True).fill("place")
    of_schema.get_by_role("radio", name="on", exact=True).check()
    of_schema.get_by_label("schema", exact=True).fill(json.dumps(CITY, indent=2))

    tools = row(pane, "tools")
    tools.get_by_role("button", name="Add a tool").click()
    tools.get_by_label("name", exact=True).fill("weather")
    with kept(pane):
        tools.get_by_label("parameters", exact=True).fill(json.dumps(CITY))

    send(pane, "Where?")
    finished(pane)
    assert body(upstream) == MEANT
    for name in MEANT:
        expect(last_answer(pane).locator(".answer-setting")).to_contain_text(name)


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    for _ in range(120):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} never came to {selector}")


def find(page: Page, name: str) -> None:
    """Move the focus within the pane to the first control of a parameter."""
    tab_to(page, "[data-find]", "Shift+Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    focused = "document.activeElement.closest('[data-parameter]').dataset.parameter"
    assert page.evaluate(focused) == name


def test_by_keyboard_alone(pane: Page, upstream: DemoServer):
    pane.locator(".prompt").focus()
    tab_to(pane, "[data-find]")
    write_lists(pane)
    write_alternatives(pane)
    with kept(pane):
        write_a_tool(pane)
    tab_to(pane, ".prompt", "Shift+Tab")
    pane.keyboard.type("Where?")
    pane.keyboard.press("Enter")
    expect(last_answer(pane)).to_be_visible()
    finished(pane)
    assert body(upstream) == MEANT


def write_lists(page: Page) -> None:
    keys = page.keyboard
    find(page, "stop")
    keys.type("END")
    keys.press("Enter")
    keys.type("STOP")
    find(page, "logit_bias")
    for key, value in (("50256", "-100"), ("1234", "5")):
        keys.type(key)
        keys.press("Enter")
        keys.type(value)
        keys.press("Enter")


def write_alternatives(page: Page) -> None:
    keys = page.keyboard
    find(page, "thinking")
    keys.press("ArrowRight")
    tab_to(page, "#p-thinking-as-enabled-budget_tokens")
    keys.type("2048")
    find(page, "response_format")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    tab_to(page, '[name$=".json_schema.name"]')
    keys.type("place")
    tab_to(page, '[name$=".json_schema.strict"]')
    keys.press("ArrowRight")
    tab_to(page, '[name$=".json_schema.schema"]')
    keys.type(json.dumps(CITY))


def write_a_tool(page: Page) -> None:
    find(page, "tools")
    page.keyboard.press("Enter")
    expect(page.locator("#p-tools-0-function-name")).to_be_focused()
    page.keyboard.type("weather")
    tab_to(page, "#p-tools-0-function-parameters")
    page.keyboard.type(json.dumps(CITY))
