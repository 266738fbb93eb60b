"""A search result opens its conversation at the message, and times are in the zone of the browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_accessibility import violations
from tests.browser.test_streamed_answer import finished, last_answer, send

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from playground.demo.server import DemoServer
    from tests.installation import Installation

# Messages of the branch that everyone sees, and one of another version. Saving folds their words.
_FILL = """
from chat.models import Conversation, Message
conversation = Conversation.objects.get(code="%s")
fields = {"conversation": conversation, "role": "user", "author": conversation.owner}
parent = conversation.head
Message.objects.create(**fields, parent=parent, text="An okapi elsewhere")
for number in range(140):
    words = "The Éclair of Paris" if number == 5 else f"Number {number}. " + "More words. " * 30
    parent = Message.objects.create(**fields, parent=parent, text=words)
Conversation.objects.filter(pk=conversation.pk).update(head=parent)
"""
MARKED = "() => [...(CSS.highlights.get('hit') ?? [])].map((range) => range.toString())"


@pytest.fixture
def long(page: Page, installation: Installation) -> str:
    """Return the path of a conversation with a word far above its end, and one in another version."""
    choose_model(page, "Scripted Demo Plain")
    send(page, "Hello there")
    page.wait_for_url("**/c/**")
    finished(page)
    path = re.sub(r"^https?://[^/]+", "", page.url)
    installation.manage("shell", "-v", "0", "-c", _FILL % path.split("/")[2])
    return path


def test_it_opens_at_the_message_and_stays_there(page: Page, long: str, upstream: DemoServer):
    page.goto("/w/acme-research/")
    page.keyboard.press("Control+k")
    page.keyboard.type("eclair")
    expect(page.locator(f'#sidebar-list a[href^="{long}"] mark')).to_have_text("Éclair")
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/**at=**")
    hit = page.locator(".message.is-hit")
    expect(hit).to_be_focused()
    expect(hit).to_be_in_viewport()
    assert page.evaluate(MARKED) == ["Éclair"]

    # An answer that streams meanwhile moves nothing.
    top = hit.bounding_box()
    gate = upstream.hold_after(8)
    beside = page.context.new_page()
    beside.goto(long)
    send(beside, "Tell me about rivers")
    expect(last_answer(page).locator(".answer")).not_to_be_empty()
    gate.release()
    finished(page)
    assert hit.bounding_box() == top
    assert page.evaluate(MARKED) == ["Éclair"]
    beside.close()


def test_another_version_opens_for_reading_until_it_is_continued(page: Page, long: str):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(long)
    page.get_by_role("button", name="Conversations").click()
    page.get_by_label("Search conversations").fill("okapi")
    page.locator(f'#sidebar-list a[href^="{long}"]:has(mark)').click()
    page.wait_for_url("**/c/**at=**")
    expect(page.locator(".message.is-hit")).to_contain_text("An okapi elsewhere")
    expect(page.get_by_text("You are reading another version")).to_be_visible()
    expect(page.get_by_label("Prompt", exact=True)).to_have_count(0)
    assert violations(page) == []
    assert "Number 139" in page.request.get(long).text()

    page.get_by_role("link", name="Show the current version").click()
    expect(page.locator(".bubble").last).to_contain_text("Number 139")
    page.go_back()
    page.get_by_role("button", name="Continue this version").press("Enter")
    expect(page.get_by_label("Prompt", exact=True)).to_be_visible()
    expect(page.locator(".bubble").last).to_have_text("An okapi elsewhere")


def test_times_are_those_of_the_browser_and_exact_when_focused(
    page: Page, browser: Browser, installation: Installation
):
    context = browser.new_context(
        base_url=installation.origin,
        storage_state={"cookies": [each for each in page.context.cookies() if each["name"] != "time_zone"]},
        timezone_id="Asia/Tokyo",
    )
    there = context.new_page()
    there.goto("/w/acme-research/people/")
    expect(there.locator("time").first).to_have_attribute("title", re.compile(r" UTC$"))
    there.reload()
    moment = there.locator("time").first
    expect(moment).to_have_attribute(
        "title", re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+09:00 \(Asia/Tokyo\)$")
    )
    moment.focus()
    shown = moment.evaluate("time => getComputedStyle(time, '::after').content")
    assert "Asia/Tokyo" in shown
    assert violations(there) == []
    context.close()
