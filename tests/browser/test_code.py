"""Code for a request, and pasted code that opens a new chat: by mouse and keyboard, wide and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from playground.code.reading import read_paste
from tests.browser.choosing import choose_model
from tests.browser.test_accessibility import violations
from tests.browser.test_streamed_answer import finished, last_answer, send

if TYPE_CHECKING:
    from playwright.sync_api import Page

SECRET = "sk-secret-0123456789"
CURL = f"""curl https://api.example.com/v1/chat/completions -H "Authorization: Bearer {SECRET}" -d '{{
  "model": "demo/plain", "temperature": 0.5, "of_mine": 40,
  "messages": [
    {{"role": "user", "content": "One"}},
    {{"role": "assistant", "content": "1"}},
    {{"role": "user", "content": "And it'\\''s **two**?"}}
  ]
}}'"""


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_code_of_the_composer_and_of_an_answer_is_copied(page: Page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    choose_model(page, "Scripted Demo Plain")
    page.get_by_label("Prompt", exact=True).fill("It's `me`\nfor $5")
    page.get_by_role("button", name="Get code for the next request").click()
    dialog = page.get_by_role("dialog", name="Get code")
    tab = dialog.get_by_role("tab", name="curl")
    expect(tab).to_be_focused()
    assert violations(page) == []
    dialog.get_by_role("tabpanel", name="curl").get_by_role("button", name="Copy").click()
    expect(dialog.get_by_text("Copied")).to_be_visible()
    assert read_paste(copied(page)).body["messages"][-1]["content"] == "It's `me`\nfor $5"

    # The form that was chosen by the keyboard is the one that the next dialog shows.
    tab.focus()
    page.keyboard.press("End")
    expect(dialog.get_by_role("tab", name="JavaScript, openai")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    send(page, "It's `me`")
    finished(page)
    page.set_viewport_size({"width": 390, "height": 844})
    last_answer(page).locator("[data-message-menu]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.get_by_role("menuitem", name="Get code").focus()
    page.keyboard.press("Enter")
    panel = dialog.get_by_role("tabpanel", name="JavaScript, openai")
    expect(panel).to_be_visible()
    assert "overflow" not in page.evaluate("document.body.scrollWidth > innerWidth ? 'overflow' : ''")
    with page.expect_download() as download:
        panel.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "request.mjs"
    text = download.value.path().read_text(encoding="utf-8")
    assert text == panel.locator("pre").text_content()
    assert read_paste(text).body["messages"][-1]["content"] == "It's `me`"


def test_a_pasted_command_opens_in_a_new_chat_and_sends_nothing(page: Page, upstream):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="paste a request").click()
    dialog = page.get_by_role("dialog", name="Open in the playground")
    box = dialog.get_by_role("textbox")
    box.fill('{"messages":\n  oops}')
    dialog.get_by_role("button", name="Read").click()
    expect(dialog.get_by_text("Line 2, column 3:")).to_be_visible()
    expect(box).to_be_focused()
    assert box.evaluate("(box) => box.value.slice(box.selectionStart)").startswith("oops")
    assert violations(page) == []

    page.set_viewport_size({"width": 1440, "height": 900})
    page.evaluate("(text) => navigator.clipboard.writeText(text)", CURL)
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+v")
    expect(dialog.get_by_text("The key in your paste was not stored.")).to_be_visible()
    expect(dialog.get_by_text("2 earlier messages (1 from you, 1 from the model)")).to_be_visible()
    assert violations(page) == []
    before = len(upstream.requests)
    expect(dialog.get_by_role("button", name="Open in a new chat")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/**")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("And it's **two**?")
    expect(last_answer(page)).to_contain_text("1")
    expect(page.locator("[data-changed-count]").first).to_have_text("2")
    assert SECRET not in page.content()
    assert len(upstream.requests) == before
