"""Output schemas, tools, presets and imports from Langfuse, by keyboard alone and by touch on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_prompts import LIBRARY
from tests.browser.test_tables import fits
from tests.chat.test_langfuse import PUBLIC, SECRET, ScriptedLangfuse

if TYPE_CHECKING:
    from playground.demo.server import DemoServer
    from tests.browser.hands import Hand

TOOLS = "/w/acme-research/tools/"
TOOL = '{"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"]}'


def test_a_schema_a_tool_and_a_preset_are_made_changed_and_used(hand: Hand) -> None:
    suffix = "keys" if hand.has_keys else "touch"
    make_schema(hand, f"answer_{suffix}")
    make_tool(hand, f"weather_{suffix}")
    make_preset(hand, f"Terse {suffix}")
    use(hand, f"Terse {suffix}", f"answer_{suffix}", f"weather_{suffix}")


def make_schema(hand: Hand, name: str) -> None:
    """Build an output schema in rows, and correct what is wrong where it is wrong."""
    page = hand.page
    page.goto(TOOLS)
    hand.link("New schema")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.insert_text("no name!")
    page.locator("#schema-text").fill('{"type":')
    hand.reads("Not valid JSON: line 1, column 9.")
    hand.button("Save")
    hand.reads("Use 1 to 64 letters")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    expect(page.locator("#schema-text")).to_have_attribute("aria-invalid", "true")
    fits(page)
    hand.write("Name", name)
    hand.button("Replace it with the rows")
    expect(page.locator("#schema-error .errors")).to_have_count(0)
    hand.button("Add a row")
    expect(page.locator("#name-r-0")).to_be_focused()
    page.keyboard.insert_text("verdict")
    expect(page.locator("#schema-text")).to_have_value(re.compile('"verdict"'))
    hand.button("Save")
    hand.reads(f"{name} is saved.")
    hand.write("Description", "What is so.")
    fits(page)
    hand.button("Save")
    hand.reads(f"{name} is saved.")


def make_tool(hand: Hand, name: str) -> None:
    page = hand.page
    page.goto(TOOLS)
    hand.link("New tool")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.insert_text(name)
    page.locator("#schema-text").fill(TOOL)
    expect(page.locator("#name-r-0")).to_have_value("town")
    fits(page)
    hand.button("Save")
    hand.reads(f"{name} is saved.")


def make_preset(hand: Hand, name: str) -> None:
    """Make a prompt without messages, whose wrong parameter is marked at its place."""
    page = hand.page
    page.goto(f"{LIBRARY}new/")
    hand.write("Name", name)
    hand.write("System prompt", "Be terse.")
    hand.button("Remove message 1")
    expect(page.get_by_label("Text of message 1")).to_have_count(0)
    page.locator("#prompt-model-name").select_option("scripted demo/markdown")
    temperature = page.locator("[name='p.temperature']")
    temperature.fill("9")
    hand.button("Save")
    expect(temperature).to_be_focused()
    # The form is longer than the page, and its button is in sight all the same.
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_in_viewport(ratio=1)
    hand.reads("Must be at most 2.")
    fits(page)
    temperature.fill("0.2")
    hand.button("Save")
    hand.reads(f"{name} is saved.")
    hand.link("Prompts")
    expect(page.get_by_role("link", name=re.compile(f"^{name}"))).to_contain_text("preset · demo/markdown")


def use(hand: Hand, preset: str, schema: str, tool: str) -> None:
    """Open a preset from the composer, add the schema and the tool, and send."""
    page = hand.page
    page.goto("/w/acme-research/")
    page.get_by_label("Prompt", exact=True).press_sequentially(f"/{preset.lower()}")
    option = page.get_by_role("option", name=re.compile(preset))
    expect(option).to_be_visible()
    if hand.has_keys:
        page.keyboard.press("Enter")
    else:
        option.tap()
    hand.button("Open in a new chat")
    page.wait_for_url("**/?opened")
    expect(page.locator("#system-prompt-new").get_by_text("Be terse.").first).to_be_visible()
    from_library(hand, "response_format", schema)
    send(hand, "Say what is so.")
    expect(page.locator(".answer-setting").last).to_contain_text("temperature 0.2")
    choose_model(page, "Scripted Demo Tools")
    from_library(hand, "tools", tool)
    send(hand, f"Call {tool} for Oslo.", 2)
    expect(page.locator("[data-tool-answer]")).to_contain_text(tool)


def from_library(hand: Hand, parameter: str, name: str) -> None:
    """Put an entry of the library into a parameter of the chat."""
    page = hand.page
    if not hand.has_keys:
        hand.press(page.locator(".panel-button"))
    group = page.get_by_role("group", name=f"Library for {parameter}")
    hand.press(group.get_by_role("button", name="Choose from library"))
    dialog = page.locator("#library-dialog")
    hand.mark(dialog.locator("label", has_text=name).locator("[name=entry]"))
    hand.press(dialog.get_by_role("button", name="Use"))
    expect(dialog).to_be_hidden()
    if not hand.has_keys:
        page.keyboard.press("Escape")


def send(hand: Hand, text: str, answers: int = 1) -> None:
    hand.page.get_by_label("Prompt", exact=True).fill(text)
    hand.button("Send")
    expect(hand.page.locator("[data-status=finished]")).to_have_count(answers)


def test_prompts_of_langfuse_are_fetched_after_what_was_wrong_is_corrected(
    hand: Hand, upstream: DemoServer, closed_port: int
) -> None:
    page, server = hand.page, ScriptedLangfuse()
    upstream.api.service = server.respond
    page.goto(f"{LIBRARY}import/")
    hand.write("Address", f"http://127.0.0.1:{closed_port}")
    hand.write("Public key", PUBLIC)
    hand.write("Secret key", SECRET)
    hand.button("Fetch")
    expect(page.get_by_role("alert")).to_have_text("127.0.0.1 could not be reached.")
    expect(page.get_by_label("Address")).to_be_focused()

    hand.write("Address", f"http://{urlsplit(upstream.base_url).netloc}")
    hand.write("Secret key", "sk-lf-refused")
    hand.button("Fetch")
    expect(page.get_by_role("alert")).to_contain_text("key")
    # The error stands right above the field that has the focus.
    expect(page.get_by_role("alert")).to_be_in_viewport()
    expect(page.get_by_label("Public key")).to_be_focused()
    expect(page.get_by_label("Secret key")).to_have_value("")
    fits(page)
    hand.write("Secret key", SECRET)
    hand.button("Fetch")
    expect(page.get_by_label("reply")).to_be_checked()
    fits(page)
