"""An admin invites a colleague by link and gives them a daily limit that holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_streamed_answer import finished, send

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page


def test_a_colleague_joins_and_their_limit_holds(page: Page, context: BrowserContext, browser, installation):
    page.goto("/w/acme-research/people/")
    page.get_by_label("Role").first.select_option("member")
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#invitation-link").inner_text()

    theirs = browser.new_context(base_url=installation.origin)
    colleague = theirs.new_page()
    colleague.goto(link)
    colleague.get_by_label("Name").fill("Max")
    colleague.get_by_label("E-mail").fill("max@example.org")
    for field in colleague.locator("input[type=password]").all():
        field.fill("a long enough phrase")
    colleague.get_by_role("button", name="Create account and join").click()
    colleague.wait_for_url("**/w/acme-research/")

    page.goto("/w/acme-research/limits/")
    page.get_by_label("For").select_option(label="Max (max@example.org)")
    page.locator("[name=amount]").last.fill("1")
    page.get_by_label("Unit").select_option("requests")
    page.get_by_label("Period").select_option("day")
    page.get_by_role("button", name="Add limit").click()

    colleague.reload()
    expect(colleague.locator("#allowances")).to_contain_text("1 request")
    choose_model(colleague, "Scripted Demo Plain")
    send(colleague, "The one that is allowed")
    colleague.wait_for_url("**/c/**")
    finished(colleague)
    send(colleague, "One too many")
    refusal = colleague.locator(".composer-error")
    expect(refusal).to_contain_text("1 request per day")
    expect(refusal).to_contain_text("reset")
    expect(colleague.get_by_label("Prompt", exact=True)).to_have_value("One too many")

    again = browser.new_context(base_url=installation.origin).new_page()
    again.goto(link)
    expect(again.get_by_role("heading", level=1)).not_to_contain_text("Join")
    again.context.close()
    theirs.close()


def test_an_admin_finds_a_member_and_changes_the_role_by_keyboard(page: Page, installation):
    installation.query(
        "[Membership.objects.create(workspace=Workspace.objects.get(), user=User.objects.create_user("
        "f'{name}@example.org', name=name)).pk for name in ('Ottilie', 'Ottokar')]"
    )
    page.goto("/w/acme-research/people/")
    page.get_by_role("searchbox", name="Find a person").fill("OTTIL")
    expect(page.locator("#members-found")).to_contain_text("1 member")
    role = page.get_by_label("Role of Ottilie")
    role.focus()
    role.select_option("viewer")

    expect(page.locator(".found-said")).to_have_text("Ottilie is now a viewer.")
    expect(page.locator("#members-found")).to_contain_text("1 member")
    expect(role).to_be_focused()
    page.reload()
    expect(page.get_by_label("Role of Ottilie")).to_have_value("viewer")
    installation.query("User.objects.filter(name__startswith='Ott').delete()[0]")


def test_a_key_can_be_typed_as_soon_as_it_is_asked_for(page: Page):
    page.goto("/w/acme-research/keys/")
    opener = page.locator("summary", has_text="Add a key").first
    opener.focus()
    page.keyboard.press("Enter")
    secret = page.locator("details.confirm[open] input:not([type=hidden])")
    expect(secret).to_be_focused()
    page.keyboard.type("sk-not")
    page.keyboard.press("Escape")
    expect(secret).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(secret).to_be_focused()
    expect(secret).to_have_value("sk-not")
