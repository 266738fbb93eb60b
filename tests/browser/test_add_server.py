"""From the address of a server to the first prompt: three clicks and one field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.scripted_server import ScriptedServer, listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    server.says("/v1/models", listing("qwen3-coder"))
    yield server
    server.close()


def address(page: Page) -> Locator:
    return page.get_by_label("Address", exact=True)


def ready(page: Page, words: str) -> None:
    """Check that the next prompt goes to the server's model."""
    page.wait_for_url("**/w/*/?model=*")
    expect(page.locator(".picker-current")).to_have_text("qwen3-coder")
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()
    expect(page.locator(".messages")).to_contain_text(words)


def test_three_clicks_and_one_field_lead_from_the_chat_to_the_first_prompt(
    page: Page, server: ScriptedServer
):
    page.get_by_label("Prompt", exact=True).fill("Half a prompt")
    page.locator("#picker-button").click()
    page.get_by_role("link", name="Add a server").click()
    expect(address(page)).to_be_focused()
    address(page).fill(server.place)
    page.get_by_role("button", name="Add server").click()
    ready(page, f"{server.place} is added at {server.origin}/v1, with 1 model.")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("Half a prompt")

    # The picker finds the models by the server's name, which the button shows too.
    expect(page.locator("#picker-button")).to_contain_text(f"qwen3-coder {server.place}")
    page.locator("#picker-button").click()
    page.get_by_label("Find a model").fill(server.place)
    row = page.locator(".picker-row:visible")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(server.place)
    page.keyboard.press("Escape")

    # The same server again: there is one provider, and it is used.
    asked = len(server.asked)
    page.goto("/w/acme-research/providers/add/?then=chat")
    address(page).fill(f"{server.origin}/v1")
    page.keyboard.press("Enter")
    ready(page, f"{server.place} at {server.origin}/v1 is added already.")
    assert len(server.asked) == asked


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["wide", "phone"])
def test_it_works_by_keyboard(page: Page, server: ScriptedServer, size: tuple[int, int]):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.locator("#picker-button").focus()
    page.keyboard.press("Enter")
    page.locator(".picker-row:visible").first.wait_for()
    link = page.get_by_role("link", name="Add a server")
    expect(link).to_be_in_viewport()
    link.focus()
    page.keyboard.press("Enter")
    expect(address(page)).to_be_focused()
    page.keyboard.type(server.place)
    page.keyboard.press("Enter")
    ready(page, f"{server.place} is added at {server.origin}/v1, with 1 model.")


def test_the_setting_that_allows_a_private_address_is_copied_by_keyboard(page: Page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/w/acme-research/providers/add/")
    expect(address(page)).to_be_focused()
    page.keyboard.type("192.168.77.1:11434")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("192.168.77.1:11434 is on a private network")
    expect(address(page)).to_be_focused()
    page.keyboard.press("Tab")
    copy = page.get_by_role("button", name="Copy")
    expect(copy).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Copied").first).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "192.168.77.1:11434"
