"""Defaults of new chats: set by an admin, met by a member on a phone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import violations
from tests.browser.test_streamed_answer import finished, send
from tests.installation import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.installation import Installation

SHOTS = os.environ.get("SHOTS", "")


@pytest.fixture
def member(installation: Installation) -> Iterator[str]:
    """Yield the address of a member; later tests find no defaults."""
    address = "mina@example.org"
    installation.query(
        "Membership.objects.create(workspace=Workspace.objects.get(), role='member', user="
        f"User.objects.create_user({address!r}, {PASSWORD!r}, name='Mina')).pk"
    )
    yield address
    installation.query(
        f"[ChatDefault.objects.all().delete()[0], User.objects.get(email={address!r}).delete()[0]]"
    )


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def test_an_admin_sets_them_and_a_member_s_chat_begins_with_them(
    page: Page, browser, installation, upstream, member
):
    page.goto("/w/acme-research/settings/")
    form = page.get_by_role("region", name="New chats")
    form.get_by_label("Model").focus()
    page.keyboard.type("Scripted Demo Tools")
    page.keyboard.press("Tab")
    expect(form.get_by_label("System prompt")).to_be_focused()
    page.keyboard.type("Answer in one sentence.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The defaults of new chats in Acme Research are saved.")).to_be_visible()
    expect(form.get_by_label("Model").locator("option:checked")).to_have_text("Scripted Demo Tools")
    assert violations(page) == []
    shot(page, "workspace")

    phone = browser.new_context(base_url=installation.origin, viewport={"width": 390, "height": 844})
    theirs = phone.new_page()
    theirs.goto("/w/acme-research/new-chats/")
    theirs.get_by_label("E-mail").fill(member)
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.get_by_role("button", name="Sign in", exact=True).click()
    expect(theirs.get_by_label("Model")).to_contain_text("The default of Acme Research: Scripted Demo Tools")
    assert violations(theirs) == []
    shot(theirs, "own")
    theirs.get_by_role("link", name="Back to chat").click()
    expect(theirs.locator(".picker-current")).to_have_text("Scripted Demo Tools")
    block = theirs.locator("section.system-prompt")
    expect(block).to_contain_text("the default of Acme Research")
    expect(block).to_contain_text("Answer in one sentence.")
    expect(block.locator("[data-system-text]")).to_be_in_viewport()
    assert violations(theirs) == []
    shot(theirs, "new-chat")
    send(theirs, "Hello")
    theirs.wait_for_url("**/c/**")
    finished(theirs)
    sent = upstream.requests[-1].body
    assert sent["model"] == "demo/tools"
    assert sent["messages"][0] == {"role": "system", "content": "Answer in one sentence."}
    phone.close()
