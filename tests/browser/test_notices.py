"""A member asks an admin for more of a limit, who answers with one click: by keyboard and on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.pressing import press
from tests.browser.test_accessibility import violations_in_both
from tests.browser.test_streamed_answer import finished, send
from tests.installation import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.installation import Installation

_ADDRESS = "bea@example.org"


def forget_notices(installation: Installation) -> None:
    installation.query("[Notice.objects.all().delete()[0], Membership.objects.update(unread=0)]")


@pytest.fixture
def limited_bea(installation) -> Iterator[None]:
    """Bea, whose limit leaves too little for any prompt."""
    # Tests of other limits have left some.
    forget_notices(installation)
    installation.query(
        f"Membership.objects.create(workspace=Workspace.objects.get(), user=User.objects.create_user("
        f"'{_ADDRESS}', '{PASSWORD}', name='Bea')).pk"
    )
    installation.query(
        f"Limit.objects.create(member=User.objects.get(email='{_ADDRESS}'), amount=20, unit='tokens', "
        "period='day', workspace=Workspace.objects.get()).pk"
    )
    yield
    # The ledger keeps her entries, so she stays under another address.
    forget_notices(installation)
    installation.query(
        "[Limit.objects.filter(batch=None).delete()[0], OutgoingMail.objects.all().delete()[0]]"
    )
    installation.query(f"Membership.objects.filter(user__email='{_ADDRESS}').delete()[0]")
    installation.query(
        f"User.objects.filter(email='{_ADDRESS}').update(email=f'gone{{User.objects.count()}}@example.org')"
    )


def signed_in_as_bea(browser: Browser, installation: Installation, width: int) -> Page:
    theirs = browser.new_context(
        base_url=installation.origin, viewport={"width": width, "height": 844}, reduced_motion="reduce"
    )
    member = theirs.new_page()
    member.goto("/")
    member.get_by_label("E-mail").fill(_ADDRESS)
    member.get_by_label("Password").fill(PASSWORD)
    member.get_by_role("button", name="Sign in", exact=True).click()
    member.wait_for_url("**/w/**")

    return member


@pytest.mark.usefixtures("limited_bea")
@pytest.mark.parametrize(("width", "by_keyboard"), [(1440, True), (390, False)], ids=["keyboard", "phone"])
def test_a_member_asks_and_an_admin_allows_more(page: Page, browser, installation, width, by_keyboard):
    page.set_viewport_size({"width": width, "height": 844})
    send(page, "An open page of the admin")
    page.wait_for_url("**/c/**")
    finished(page)
    member = signed_in_as_bea(browser, installation, width)
    send(member, "Hello")
    note = member.get_by_label("Note to the admins")
    expect(note).to_be_visible()
    assert violations_in_both(member) == []
    note.fill("I show the demo at three.")
    press(member.get_by_role("button", name="Ask an admin"), by_keyboard=by_keyboard)
    asked = member.locator("p.ask-raise")
    expect(asked).to_contain_text("You asked the admins")
    expect(asked).to_be_focused()
    expect(member.get_by_label("Prompt", exact=True)).to_have_value("Hello")
    assert violations_in_both(member) == []

    # The bell of the open page counts it at once.
    expect(page.locator(".notices-bell")).to_contain_text("1 unread")
    page.goto("/w/acme-research/")
    if width < 760:
        page.locator("[aria-controls=sidebar]").first.click()
    bell = page.get_by_role("link", name="Notices")
    expect(bell).to_contain_text("1 unread")
    press(bell, by_keyboard=by_keyboard)
    expect(page.locator(".notices-item")).to_contain_text("I show the demo at three.")
    assert violations_in_both(page) == []
    press(page.get_by_role("button", name="Answer"), by_keyboard=by_keyboard)
    expect(page.locator(".raise-requests")).to_contain_text("Bea needs more of 20 tokens per day.")
    assert violations_in_both(page) == []
    press(page.get_by_role("button", name="Allow ").last, by_keyboard=by_keyboard)
    expect(page.locator(".messages")).to_contain_text(re.compile(r"Bea may use [\d,]+ tokens more until"))
    expect(page.locator(".raise-requests")).to_have_count(0)
    expect(page.locator(".raises")).to_contain_text("I show the demo at three.")
    assert violations_in_both(page) == []

    send(member, "Hello")
    member.wait_for_url("**/c/**")
    member.goto("/w/acme-research/notices/")
    expect(member.locator(".notices-item")).to_contain_text("alice allows you")
    press(member.get_by_role("button", name="Mark all as read"), by_keyboard=by_keyboard)
    expect(member.locator(".is-unread")).to_have_count(0)
    member.context.close()


@pytest.mark.usefixtures("limited_bea")
def test_an_admin_raises_a_limit_and_ends_it(page: Page):
    page.goto("/w/acme-research/limits/")
    page.get_by_role("link", name="Raise… 20 tokens per day of Bea").click()
    expect(page.get_by_label("Allow more, in tokens")).to_be_focused()
    assert violations_in_both(page) == []
    page.keyboard.type("5000")
    page.get_by_label("How long").select_option("hour")
    page.get_by_role("button", name="Raise", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("Bea: 5,000 tokens more until")
    page.get_by_role("button", name="End now").click()
    expect(page.locator(".raises")).to_have_count(0)


def test_which_notices_come_by_mail_is_chosen_on_the_profile(page: Page):
    page.goto("/profile/")
    near = page.get_by_role("checkbox", name="A limit is nearly used up")
    expect(near).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="A limit is used up")).to_be_checked()
    near.check()
    page.get_by_role("button", name="Save choice").click()
    expect(page.get_by_role("checkbox", name="A limit is nearly used up")).to_be_checked()
    assert violations_in_both(page) == []
