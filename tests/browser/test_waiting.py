"""Prompts that wait for a limit: by keyboard on a wide page, by mouse on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_accessibility import violations_in_both
from tests.browser.test_queue import prompts, queued
from tests.browser.test_streamed_answer import finished, last_answer, send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

    from playground.demo.server import DemoServer
    from playground.demo.stage import Gate
    from tests.installation import Installation

LIMIT = (
    "[Limit.objects.create(workspace=Workspace.objects.get(), unit='{}', period='{}', amount=1,"
    " lets_wait=True).pk]"
)

# A frame may bring the list again while the answer to a button in it is on the way.
REPLACED_MEANWHILE = """addEventListener("htmx:beforeSend", () => {
  const again = document.querySelector(".queue").cloneNode(true);
  again.dataset.rights = "new";
  again.setAttribute("hx-swap-oob", "outerHTML");
  htmx.swap(document.body, again.outerHTML, { swapStyle: "none" });
}, { once: true })"""


@pytest.fixture
def limits(installation: Installation) -> Iterator[None]:
    yield
    installation.query(
        "QueuedPrompt.objects.all().delete()[0] + Limit.objects.filter(batch=None).delete()[0]"
    )


@pytest.fixture
def gate(upstream: DemoServer) -> Gate:
    return upstream.hold_after(8)


def wait_of(page: Page) -> Locator:
    return page.locator("[data-queue-wait]")


def test_the_first_prompt_of_a_chat_waits_for_a_place_by_keyboard(
    page: Page, installation, limits, gate: Gate
):
    installation.query(LIMIT.format("concurrent", "ever"))
    choose_model(page, "Scripted Demo Plain")
    send(page, "Hello there")
    page.wait_for_url("**/c/**")
    expect(last_answer(page).locator(".answer")).not_to_be_empty()
    page.goto("/")
    box = page.get_by_label("Prompt", exact=True)
    box.focus()
    page.keyboard.type("And me?")

    page.keyboard.press("Enter")

    page.wait_for_url("**/c/**")
    expect(queued(page)).to_have_text("And me?")
    expect(wait_of(page)).to_contain_text("Waits for the workspace's limit of 1 request at once. It is sent")
    expect(page.locator(".welcome")).to_have_count(0)
    assert violations_in_both(page) == []
    page.evaluate(REPLACED_MEANWHILE)
    page.get_by_role("button", name="Send now").focus()
    page.keyboard.press("Enter")
    expect(wait_of(page)).to_contain_text("It can’t be sent yet.")
    expect(page.get_by_role("button", name="Send now")).to_be_focused()
    box = page.get_by_label("Prompt", exact=True)
    box.focus()
    page.keyboard.type("One more thing")
    page.keyboard.press("Enter")
    expect(queued(page)).to_have_text(["And me?", "One more thing"])
    expect(wait_of(page)).to_have_count(1)

    gate.release()

    expect(prompts(page)).to_have_text(["And me?", "One more thing"])
    finished(page)
    expect(queued(page)).to_have_count(0)


def test_a_limit_of_an_hour_says_until_when_on_a_phone(page: Page, installation, limits):
    page.set_viewport_size({"width": 390, "height": 844})
    choose_model(page, "Scripted Demo Plain")
    send(page, "Hello there")
    page.wait_for_url("**/c/**")
    finished(page)
    installation.query(LIMIT.format("requests", "hour"))
    page.get_by_label("Prompt", exact=True).fill("Too early")

    page.get_by_role("button", name="Send", exact=True).click()

    expect(wait_of(page)).to_have_text(
        re.compile(r"Waits for the workspace's limit of 1 request per hour until \d\d:00")
    )
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("")
    assert violations_in_both(page) == []
    page.get_by_role("button", name="Remove prompt 1").click()
    expect(queued(page)).to_have_count(0)
    page.get_by_label("Prompt", exact=True).fill("Again")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(queued(page)).to_have_text("Again")
    installation.query("Limit.objects.update(amount=1000)")
    page.get_by_role("button", name="Send now").click()
    expect(prompts(page)).to_have_text(["Hello there", "Again"])
    finished(page)


def test_the_choice_is_offered_where_waiting_is_short(page: Page, installation, limits):
    page.goto("/w/acme-research/limits/")
    choice = page.get_by_label("Let prompts that come too early wait")
    expect(choice).to_be_hidden()
    page.get_by_label("Period").select_option("minute")
    page.get_by_label("Unit").select_option("requests")
    page.get_by_label("At most", exact=True).fill("5")
    choice.check()
    expect(page.locator("#limit-preview")).to_contain_text("Prompts that come too early wait.")
    assert violations_in_both(page) == []
    page.get_by_label("Period").select_option("day")
    expect(choice).to_be_hidden()
    expect(page.locator("#limit-preview")).not_to_contain_text("wait")
    page.get_by_label("Unit").select_option("concurrent")
    expect(choice).to_be_visible()
    page.get_by_role("button", name="Add limit").click()
    expect(page.locator(".messages")).to_contain_text("Prompts that come too early wait.")
    page.get_by_role("link", name=re.compile("Each member")).first.click()
    page.get_by_role("button", name="Refuse them").click()
    expect(page.locator(".messages")).to_contain_text("Prompts that come too early are refused now.")
