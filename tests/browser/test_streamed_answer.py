"""The main use: choose a model, change parameters, send, watch, stop and reload."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.pane import pick, reset

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Browser, BrowserContext, Locator, Page, Route

    from playground.demo.server import DemoServer
    from tests.installation import Installation


def send(page: Page, text: str) -> None:
    """Send and wait until the page shows the prompt, or why it was refused."""
    page.get_by_label("Prompt", exact=True).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    taken = page.locator(".message.user").last.filter(has_text=text)
    expect(taken.or_(page.locator(".composer-error .notice:visible")).first).to_be_visible()


def last_answer(page: Page) -> Locator:
    return page.locator(".message.assistant").last


def stored_text(page: Page) -> str:
    """Return the stored text of the answer, from the address that Copy uses."""
    pattern = page.locator(".thread").get_attribute("data-text-url")
    name = last_answer(page).get_attribute("id")
    assert pattern and name
    return page.request.get(pattern.replace(str(UUID(int=0)), name.removeprefix("message-"))).text()


def written_text(upstream: DemoServer) -> str:
    """Repeat the last request without streaming and return the answer's text."""
    body = {**upstream.requests[-1].body, "stream": False}
    body.pop("stream_options", None)
    answer = httpx.post(f"{upstream.base_url}/chat/completions", json=body, timeout=30).json()
    upstream.requests.pop()
    return str(answer["choices"][0]["message"]["content"])


def finished(page: Page) -> None:
    """Wait until the last answer has finished and no request is on its way."""
    expect(last_answer(page)).to_have_attribute("data-status", "finished")
    # The response to a request would replace the elements that the test uses next.
    expect(page.locator(".htmx-request")).to_have_count(0)


@pytest.fixture
def conversation(page: Page, upstream: DemoServer) -> Page:
    """Return the page of a conversation with one answer of the scripted plain model."""
    choose_model(page, "Scripted Demo Plain")
    send(page, "Hello there")
    page.wait_for_url("**/c/**")
    finished(page)
    return page


def test_reasoning_and_text_grow_and_end_as_they_were_written(page: Page, upstream: DemoServer):
    pick(page, "Scripted Demo Reasoning")
    # The values set for the other model are kept.
    reset(page)
    page.get_by_label("temperature", exact=True).fill("0")
    page.get_by_label("max_completion_tokens", exact=True).fill("3000")
    with page.expect_response(re.compile("/configure/")):
        page.get_by_label("max_completion_tokens", exact=True).press("Tab")
    gate = upstream.hold_after(12)

    send(page, "Why is the sky blue?")
    page.wait_for_url("**/c/**")
    expect(last_answer(page).locator(".reasoning-text")).not_to_be_empty()
    assert last_answer(page).get_attribute("data-status") in {"queued", "running"}
    gate.release()
    finished(page)

    sent: dict[str, Any] = upstream.requests[-1].body
    own = {"model", "messages", "stream", "stream_options"}
    assert {name: value for name, value in sent.items() if name not in own} == {
        "temperature": 0,
        "max_completion_tokens": 3000,
    }
    assert stored_text(page) == written_text(upstream)
    assert "Thought for" in last_answer(page).locator(".reasoning summary").inner_text()


def test_a_reload_in_the_middle_loses_nothing(conversation: Page, upstream: DemoServer):
    page = conversation
    page.get_by_label("temperature", exact=True).fill("0")
    gate = upstream.hold_after(20)
    send(page, "Tell me about rivers")
    expect(last_answer(page).locator(".answer")).not_to_be_empty()

    page.reload()
    expect(last_answer(page).locator(".answer")).not_to_be_empty()
    gate.release()
    finished(page)

    assert stored_text(page) == written_text(upstream)
    before = last_answer(page).locator(".answer").inner_html()
    page.reload()
    assert last_answer(page).locator(".answer").inner_html() == before


def test_stop_keeps_what_came(conversation: Page, upstream: DemoServer):
    page = conversation
    upstream.hold_after(20)
    send(page, "Tell me about mountains")
    expect(last_answer(page).locator(".answer")).not_to_be_empty()

    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()

    expect(last_answer(page)).to_have_attribute("data-status", "stopped")
    assert stored_text(page)
    receipt = last_answer(page).locator(".receipt")
    expect(receipt).to_contain_text(re.compile(r"about\s*[\d,]+ in,\s*→\s*\d+ out,\s*tokens"))
    kept = receipt.inner_html()
    page.reload()
    assert last_answer(page).locator(".receipt").inner_html() == kept
    assert upstream.requests[-1].ended.wait(10)
    assert upstream.requests[-1].disconnected_at is not None
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()


def test_it_can_be_stopped_before_the_send_is_answered(conversation: Page, upstream: DemoServer):
    page = conversation
    upstream.hold_after(20)
    held: list[tuple[Route, APIResponse]] = []
    page.route(re.compile("/send/$"), lambda route: held.append((route, route.fetch())))
    send(page, "Tell me about valleys")
    # The socket has delivered the answer first.
    expect(last_answer(page).locator(".answer")).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(last_answer(page)).to_have_attribute("data-status", "stopped")

    [(route, response)] = held
    route.fulfill(response=response)
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()


def test_two_tabs_show_the_same(conversation: Page, context: BrowserContext, upstream: DemoServer):
    first = conversation
    second = context.new_page()
    second.goto(first.url)
    gate = upstream.hold_after(15)
    send(first, "Tell me about bridges")
    expect(second.locator(".message.user").last).to_contain_text("Tell me about bridges")
    expect(last_answer(second).locator(".answer")).not_to_be_empty()
    gate.release()
    for page in (first, second):
        finished(page)
        expect(page.locator(".message")).to_have_count(4)
    assert last_answer(first).inner_html() == last_answer(second).inner_html()


def test_the_answer_goes_on_while_the_tab_is_closed(conversation: Page, context: BrowserContext, upstream):
    gate = upstream.hold_after(10)
    send(conversation, "Tell me about lakes")
    expect(last_answer(conversation).locator(".answer")).not_to_be_empty()
    url = conversation.url
    conversation.close()
    gate.release()

    again = context.new_page()
    again.goto(url)
    finished(again)


def test_editing_and_answering_again_keep_the_branches(conversation: Page):
    page = conversation
    page.locator(".message.assistant").hover()
    page.get_by_role("button", name="Answer again").click()
    expect(page.locator(".siblings")).to_contain_text("2 / 2")
    finished(page)
    page.get_by_role("button", name="Previous").first.click()
    expect(page.locator(".siblings")).to_contain_text("1 / 2")

    edit(page, "Good evening")
    page.locator("form.edit").get_by_role("button", name="Send").click()
    expect(page.locator(".message.user .bubble")).to_have_text("Good evening")
    expect(page.locator(".message.user .siblings")).to_contain_text("2 / 2")
    finished(page)


def test_send_is_muted_until_there_is_something_to_send(conversation: Page):
    page = conversation
    button, prompt = (
        page.get_by_role("button", name="Send", exact=True),
        page.get_by_label("Prompt", exact=True),
    )
    expect(button).to_have_attribute("aria-disabled", "true")
    page.locator(".scroller").focus()
    button.click(force=True)
    expect(prompt).to_be_focused()
    expect(page.locator(".message")).to_have_count(2)
    prompt.fill("More")
    expect(button).to_have_attribute("aria-disabled", "false")
    page.reload()
    expect(button).to_have_attribute("aria-disabled", "false")
    prompt.fill(" ")
    expect(button).to_have_attribute("aria-disabled", "true")


def test_the_composer_says_which_keys_do_something(conversation: Page, upstream: DemoServer):
    page = conversation
    hint = page.locator(".composer-hint")
    expect(hint.get_by_text("Enter sends")).to_be_visible()
    upstream.hold_after(5)
    send(page, "Tell me about hills")
    expect(hint.get_by_text("Escape stops")).to_be_visible()
    expect(hint.get_by_text("Enter sends")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(last_answer(page)).to_have_attribute("data-status", "stopped")
    expect(hint.get_by_text("Enter sends")).to_be_visible()
    expect(hint.get_by_text("Escape stops")).to_be_hidden()
    expect(page.get_by_role("button", name="Send", exact=True)).to_have_attribute("aria-disabled", "true")


def test_enter_sends_what_is_edited_and_on_touch_breaks_the_line(
    conversation: Page, browser: Browser, installation: Installation
):
    page = conversation
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        base_url=installation.origin,
        storage_state=page.context.storage_state(),
    )
    phone = context.new_page()
    phone.goto(page.url)
    edit(phone, "Good evening")
    phone.keyboard.press("Enter")
    expect(phone.get_by_label("Edit the message")).to_have_value("Good evening\n")
    phone.get_by_label("Prompt", exact=True).fill("One line")
    phone.keyboard.press("Enter")
    expect(phone.get_by_label("Prompt", exact=True)).to_have_value("One line\n")
    context.close()

    edit(page, "Good evening")
    page.keyboard.press("Enter")
    expect(page.locator(".message.user .siblings")).to_contain_text("2 / 2")


def edit(page: Page, text: str) -> None:
    page.locator(".message.user").hover()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Edit the message").fill(text)


def test_who_renames_is_back_at_the_menu(conversation: Page):
    page = conversation
    menu = page.get_by_label("More about this conversation")
    title = page.get_by_label("Title of the conversation")
    for key, expected in (("Escape", "Hello there"), ("Enter", "A greeting")):
        menu.press("Enter")
        page.get_by_role("button", name="Rename").press("Enter")
        title.fill("A greeting")
        page.keyboard.press(key)
        expect(title).to_be_hidden()
        expect(page.locator(".title-text")).to_have_text(expected)
        expect(menu).to_be_focused()


def test_leafing_with_the_keyboard_keeps_the_place(conversation: Page):
    page = conversation
    for count in (2, 3):
        last_answer(page).get_by_role("button", name="Answer again").click()
        expect(last_answer(page).locator(".siblings")).to_contain_text(f"{count} / {count}")
        finished(page)
    versions = last_answer(page).locator(".siblings")
    back = versions.get_by_role("button", name="Previous version")

    back.focus()
    page.keyboard.press("Enter")
    expect(versions).to_contain_text("2 / 3")
    expect(back).to_be_focused()
    page.keyboard.press("Enter")
    expect(versions).to_contain_text("1 / 3")
    expect(versions.get_by_role("button", name="Next version")).to_be_focused()


def test_a_wrong_parameter_is_shown_at_its_field(conversation: Page):
    page = conversation
    page.get_by_label("temperature", exact=True).fill("9")
    send(page, "My words")
    expect(page.locator(".composer-error")).to_contain_text("temperature: Must be at most 2.")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("My words")
    expect(page.get_by_label("temperature", exact=True)).to_have_attribute("aria-invalid", "true")


def test_a_hostile_answer_stays_text(conversation: Page):
    """Check that HTML in an answer, which repeats the prompt, never becomes part of the page."""
    page = conversation
    send(page, "<img src=x onerror=alert(1)> <script>alert(2)</script> [x](javascript:alert(3))")
    expect(page.locator(".message.assistant")).to_have_count(2)
    finished(page)
    assert page.locator(".thread script, .thread img, .thread [onerror]").count() == 0
    assert page.locator('.thread a[href^="javascript"]').count() == 0


def test_an_upstream_error_is_told_in_plain_words(page: Page):
    choose_model(page, "Scripted Demo Failing")
    send(page, "A server error, please")
    page.wait_for_url("**/c/**")
    expect(last_answer(page)).to_have_attribute("data-status", "failed")
    expect(last_answer(page).get_by_role("heading", name="had an error")).to_be_visible()
    expect(page.locator(".message.user")).to_contain_text("A server error, please")
