"""Links to a setup, and export and import of conversations, by mouse and by keyboard."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.test_streamed_answer import finished, send

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

LINK = "/try?model=demo/plain&prompt=Say%20hello&temperature=9&top_p=0.5&foo=1"


def export(page: Page, form: str, folder: Path) -> Path:
    page.get_by_role("button", name="Export…").click()
    with page.expect_download() as saved:
        page.get_by_role("dialog", name="Export").get_by_role("link", name=form).click()
    path = folder / saved.value.suggested_filename
    saved.value.save_as(path)
    return path


def test_a_setup_travels_as_a_link_and_a_conversation_as_a_file(page: Page, tmp_path):
    # A link fills the composer and says what it left out.
    page.goto(LINK)
    prompt = page.get_by_label("Prompt", exact=True)
    expect(prompt).to_have_value("Say hello")
    expect(page.get_by_label("top_p", exact=True)).to_have_value("0.5")
    notes = page.get_by_label("About this link")
    expect(notes).to_contain_text("temperature=9 was left out")
    expect(notes).to_contain_text("“foo” is not a parameter of this model.")
    notes.get_by_role("button", name="Dismiss").press("Enter")
    expect(notes).to_be_hidden()
    expect(prompt).to_be_focused()

    # The same setup becomes a link again.
    page.get_by_role("button", name="Copy link to this setup").click()
    dialog = page.get_by_role("dialog", name="Link to this setup")
    expect(dialog.locator("#setup-link")).to_contain_text("prompt=Say+hello&top_p=0.5")
    dialog.get_by_role("button", name="Copy link").press("Enter")
    expect(dialog.get_by_text("Copied")).to_be_visible()
    page.keyboard.press("Escape")

    send(page, "Say hello")
    page.wait_for_url("**/c/**")
    finished(page)
    page.get_by_label("More about this conversation").press("Enter")
    saved = export(page, "JSON All branches", tmp_path)
    assert json.loads(saved.read_text())["version"] == 1

    # On a phone, the file becomes a conversation again.
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Conversations", exact=True).click()
    page.locator(".workspace-menu > summary").click()
    page.get_by_role("button", name="Import conversations…").click()
    dialog = page.get_by_role("dialog", name="Import conversations")
    dialog.get_by_label("Choose a file").set_input_files(saved)
    expect(dialog.get_by_role("checkbox")).to_be_checked()
    dialog.get_by_role("button", name="Import 1 conversation").press("Enter")
    expect(dialog.get_by_text("1 conversation imported.")).to_be_focused()
    dialog.get_by_role("link", name="Say hello").press("Enter")
    expect(page.locator(".message.assistant .answer-setting").last).to_contain_text("Imported")
