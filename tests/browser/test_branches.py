"""Other words, examples, deletions and forks, by mouse and by keyboard, wide and on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.pressing import press
from tests.browser.test_accessibility import violations
from tests.browser.test_streamed_answer import finished, send

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from playground.demo.server import DemoServer


def texts(page: Page) -> list[str]:
    """Return the words of each message: line breaks depend on whether the browser has laid it out."""
    shown = page.locator(".message :is(.bubble, .answer)").all_inner_texts()
    return [" ".join(text.split()) for text in shown]


def menu_of(page: Page, message: Locator, action: str, *, by_keyboard: bool = False) -> None:
    button = message.get_by_role("button", name="More", exact=True)
    item = page.get_by_role("menuitem", name=action)
    if not by_keyboard:
        message.hover()
        button.click()
        item.click()
        return
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    for _ in range(page.get_by_role("menuitem").count()):
        if item.evaluate("item => item === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


@pytest.fixture
def talk(page: Page) -> Page:
    choose_model(page, "Scripted Demo Plain")
    for text in ("First question", "Second question"):
        send(page, text)
        page.wait_for_url("**/c/**")
        finished(page)
    return page


@pytest.mark.parametrize(("width", "by_keyboard"), [(1440, True), (390, False)], ids=["wide", "phone"])
def test_a_branch_is_changed_and_nothing_is_lost(talk: Page, width: int, by_keyboard: bool):
    talk.set_viewport_size({"width": width, "height": 900})
    prompts, answers = talk.locator(".message.user"), talk.locator(".message.assistant")
    second = texts(talk)[3]
    write_other_words(talk, answers.first, by_keyboard=by_keyboard)
    assert texts(talk)[1:] == ["My own words", "Second question", second]
    insert_an_example(talk, prompts, by_keyboard=by_keyboard)
    assert texts(talk)[:3] == ["Say hi", "Hi!", "First question"]
    delete_and_undo(talk, prompts, by_keyboard=by_keyboard)
    assert texts(talk)[:3] == ["Say hi", "Hi!", "First question"]

    # The version before the example, by leafing. A reload shows the same.
    talk.get_by_role("button", name="Previous version").first.click()
    expect(prompts).to_have_count(2)
    before = texts(talk)
    talk.reload()
    expect(prompts).to_have_count(2)
    assert texts(talk) == before

    # A chat of one's own.
    old = talk.url
    menu_of(talk, answers.first, "New chat from here", by_keyboard=by_keyboard)
    expect(talk).not_to_have_url(old)
    expect(talk.locator(".title").first).to_contain_text("(fork)")
    assert texts(talk) == before[:2]
    send(talk, "And now?")
    finished(talk)


def write_other_words(page: Page, answer: Locator, *, by_keyboard: bool) -> None:
    menu_of(page, answer, "Edit", by_keyboard=by_keyboard)
    box = page.get_by_label("Edit the message")
    expect(box).to_be_focused()
    assert violations(page) == []
    box.fill("My **own** words")
    if by_keyboard:
        box.press("Control+Enter")
    else:
        page.get_by_role("button", name="Save", exact=True).click()
    expect(answer).to_contain_text("Edited by alice")
    expect(answer.locator("strong")).to_have_text("own")
    expect(answer.get_by_role("button", name="More", exact=True)).to_be_focused()


def insert_an_example(page: Page, prompts: Locator, *, by_keyboard: bool) -> None:
    menu_of(page, prompts.first, "Insert an example above", by_keyboard=by_keyboard)
    expect(page.get_by_label("Example prompt")).to_be_focused()
    # Escape gives it up without a trace.
    page.keyboard.press("Escape")
    expect(page.get_by_label("Example prompt")).to_have_count(0)
    expect(prompts.first.get_by_role("button", name="More", exact=True)).to_be_focused()
    menu_of(page, prompts.first, "Insert an example above", by_keyboard=by_keyboard)
    page.get_by_label("Example prompt").fill("Say hi")
    page.get_by_label("Example answer").fill("Hi!")
    assert violations(page) == []
    page.get_by_role("button", name="Insert", exact=True).click()
    expect(prompts).to_have_count(3)
    expect(prompts.first).to_contain_text("Example")


def delete_and_undo(page: Page, prompts: Locator, *, by_keyboard: bool) -> None:
    menu_of(page, prompts.nth(1), "Delete", by_keyboard=by_keyboard)
    toast = page.locator("[data-toast]")
    expect(toast).to_contain_text("Message deleted.")
    expect(prompts).to_have_count(2)
    assert violations(page) == []
    toast.get_by_role("button", name="Undo").click()
    expect(prompts).to_have_count(3)


def test_what_is_typed_survives_a_change_by_another_tab(talk: Page):
    other = talk.context.new_page()
    other.goto(talk.url)
    first, box = talk.locator(".message.user").first, talk.get_by_label("Edit the message")
    menu_of(talk, first, "Edit")
    box.fill("Mine")
    menu_of(other, other.locator(".message.user").first, "Edit")
    other.get_by_label("Edit the message").fill("Theirs")
    other.get_by_role("button", name="Save", exact=True).click()
    # Their version is there, and mine becomes the next one.
    expect(talk.locator(".message.user .bubble").first).to_have_text("Theirs")
    expect(box).to_have_value("Mine")
    expect(box).to_be_focused()
    box.press("Control+Enter")
    expect(other.locator(".message.user .bubble").first).to_have_text("Mine")
    expect(talk.get_by_label("Version 3 of 3").first).to_be_visible()
    expect(box).to_have_count(0)

    # The same message, and an example beside another.
    menu_of(talk, first, "Edit")
    box.fill("Mine again")
    menu_of(talk, talk.locator(".message.assistant").first, "Insert an example below")
    talk.get_by_label("Example prompt").fill("1 + 1")
    menu_of(other, other.locator(".message.assistant").last, "Delete")
    expect(talk.locator(".message")).to_have_count(3)
    expect(box).to_have_value("Mine again")
    expect(talk.get_by_label("Example prompt")).to_have_value("1 + 1")
    talk.get_by_role("button", name="Cancel").last.click()

    # No message is in its place.
    menu_of(other, other.locator(".message.user").first, "Delete")
    expect(box).to_have_count(0)
    expect(talk.get_by_label("Prompt", exact=True)).to_have_value("Mine again")
    expect(talk.locator("[data-toast]")).to_contain_text("Your text is in the prompt.")


def test_a_new_chat_begins_with_an_example_and_a_prompt_is_saved_without_asking(page: Page):
    choose_model(page, "Scripted Demo Plain")
    page.get_by_role("button", name="Start with an example").click()
    page.get_by_role("button", name="Insert", exact=True).click()
    expect(page.locator("[data-toast]")).to_contain_text("Write a prompt, an answer or both.")
    page.get_by_label("Example prompt").fill("Say hi")
    page.get_by_label("Example answer").fill("Hi!")
    page.get_by_label("Example answer").press("Control+Enter")
    page.wait_for_url(re.compile("/c/"))
    expect(page.locator(".message")).to_have_count(2)
    page.locator(".message.user").get_by_role("button", name="Edit").click()
    page.get_by_label("Edit the message").fill("Say hello")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".bubble")).to_have_text("Say hello")
    expect(page.locator(".message.assistant")).to_have_count(1)
    expect(page.get_by_label("Version 2 of 2")).to_have_count(1)


@pytest.mark.parametrize(("width", "by_keyboard"), [(1440, True), (390, False)], ids=["wide", "phone"])
def test_an_answer_is_started_stopped_and_continued(
    page: Page, upstream: DemoServer, width: int, by_keyboard: bool
):
    choose_model(page, "Scripted Demo Plain")
    page.set_viewport_size({"width": width, "height": 900})
    press(page.get_by_role("button", name="Start the answer"), by_keyboard=by_keyboard)
    box = page.get_by_label("Start the answer with")
    expect(box).to_be_focused()
    box.fill("My start, ")
    assert violations(page) == []
    gate = upstream.hold_after(5)
    send(page, "Go on")
    page.wait_for_url("**/c/**")
    answer = page.locator(".message.assistant").last
    # The page shows the beginning before the model has written anything.
    expect(answer.locator(".answer")).to_contain_text("My start,")
    expect(answer).to_contain_text("text that was sent")
    assert upstream.requests[-1].body["messages"][-1] == {"role": "assistant", "content": "My start,"}
    expect(box).to_be_hidden()
    if by_keyboard:
        page.get_by_label("Prompt", exact=True).press("Escape")
    else:
        page.get_by_role("button", name="Stop").click()
    expect(answer).to_have_attribute("data-status", "stopped")
    gate.release()
    # The mark ends with the beginning, whatever frames have put in its place meanwhile.
    marked = "[...CSS.highlights.get('prefill')].map((range) => range.toString().trim())"
    assert page.evaluate(marked) == ["My start,"]
    colour = "answer => getComputedStyle(answer, '::highlight(prefill)').backgroundColor"
    assert answer.locator(".answer p").first.evaluate(colour) != "rgba(0, 0, 0, 0)"
    part = answer.locator(".answer").inner_text()
    expect(answer).to_contain_text("Sends this answer as the beginning of a new version.")
    assert violations(page) == []

    press(answer.get_by_role("button", name="Continue"), by_keyboard=by_keyboard)
    expect(page.get_by_label("Version 2 of 2")).to_have_count(1)
    finished(page)
    whole = answer.locator(".answer").inner_text()
    assert whole.startswith(part.rstrip())
    assert len(whole) > len(part)
    page.reload()
    assert answer.locator(".answer").inner_text() == whole
    page.get_by_role("button", name="Previous version").click()
    expect(page.get_by_label("Version 1 of 2")).to_have_count(1)
    assert answer.locator(".answer").inner_text() == part
