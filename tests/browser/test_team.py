"""An admin invites a colleague by link and gives them a daily limit that holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
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
    page.get_by_role("group", name="For").locator("summary").click()
    page.get_by_role("radio", name="Max max@example.org").click()
    page.get_by_label("At most", exact=True).fill("1")
    page.get_by_label("Unit").select_option("requests")
    page.get_by_label("Period").select_option("day")
    page.get_by_role("button", name="Add limit").click()

    colleague.reload()
    expect(colleague.locator("#allowance")).to_contain_text("1 request")
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


@pytest.mark.parametrize("width", [1440, 390])
def test_an_admin_limits_one_of_many_by_keyboard(page: Page, installation, width):
    installation.query(
        "[Membership.objects.create(workspace=Workspace.objects.get(), user=User.objects.create_user("
        "f'many{n}@example.org', name=f'Zoë {n:02}')).pk for n in range(60)]"
    )
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/w/acme-research/people/?q=zoe+07")
    page.get_by_role("link", name="Limit Zoë 07").press("Enter")
    expect(page.get_by_label("At most", exact=True)).to_be_focused()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("Zoë 07 may spend at most $5.00 per day")

    page.goto("/w/acme-research/limits/")
    choice = page.get_by_role("group", name="For")
    choice.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("searchbox", name="Find a person, group, role or key")).to_be_focused()
    # Enter takes the first one found, however fast it comes.
    page.keyboard.type("zoe 41")
    page.keyboard.press("Enter")
    expect(choice.locator("summary")).to_be_focused()
    expect(choice.locator("summary")).to_contain_text("Zoë 41")
    page.keyboard.press("Tab")
    page.keyboard.type("100")
    sentence = "Zoë 41 may spend at most $100.00 per day"
    expect(page.locator("#limit-preview")).to_contain_text(sentence)
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text(sentence)

    row = page.locator("#limits-found tr", has_text="Zoë 41")
    amount = row.get_by_label("At most, US dollars per day, Zoë 41")
    amount.fill("700")
    amount.press("Enter")
    expect(page.locator(".found-said")).to_contain_text("at most $700.00 per day")
    # The message about the earlier amount is no longer true.
    expect(page.locator(".messages")).to_be_hidden()
    expect(amount).to_be_focused()
    amount.fill("")
    amount.press("Tab")
    expect(page.locator(".found-said")).to_contain_text("wasn't changed")
    expect(amount).to_have_value("700")
    expect(row.get_by_role("link", name="Raise")).to_be_focused()
    assert installation.query("Limit.objects.get(member__name='Zoë 41').amount") == 700 * 2_000_000
    installation.query("User.objects.filter(name__startswith='Zo').delete()[0]")


def test_a_key_can_be_typed_as_soon_as_it_is_asked_for(page: Page):
    page.goto("/w/acme-research/keys/")
    opener = page.locator("summary", has_text="Add a key").first
    opener.focus()
    page.keyboard.press("Enter")
    secret = page.locator("details.confirm[open] input[type=password]")
    expect(secret).to_be_focused()
    page.keyboard.type("sk-not")
    page.keyboard.press("Escape")
    expect(secret).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(secret).to_be_focused()
    expect(secret).to_have_value("sk-not")
