"""A team from its invitations to the end of an access: three people, each in a browser of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.conftest import PATIENCE_MS
from tests.browser.test_accessibility import violations
from tests.browser.test_streamed_answer import finished, last_answer, send
from tests.installation import EMAIL, PASSWORD, Installation
from tests.scripted_smtp import ScriptedSmtp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from playground.demo.server import DemoServer


@pytest.fixture(scope="module")
def smtp() -> Iterator[ScriptedSmtp]:
    with ScriptedSmtp().running() as server:
        yield server


@pytest.fixture(scope="module")
def mailing(tmp_path_factory, prepared, smtp) -> Iterator[Installation]:
    """An installation of its own: its environment names the mail server."""
    folder = tmp_path_factory.mktemp("mailing")
    address = {"EMAIL_URL": f"smtp://127.0.0.1:{smtp.port}", "EMAIL_FROM": "chat@example.org"}
    installation = Installation(folder, **address)
    installation.copy(prepared)
    installation.start()
    yield installation
    installation.stop()


@pytest.fixture
def opened(browser: Browser, mailing: Installation) -> Iterator[Callable[..., Page]]:
    """Open a browser for somebody else."""
    contexts = []

    def open_browser(**options: Any) -> Page:
        context = browser.new_context(base_url=mailing.origin, reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context.new_page()

    yield open_browser
    for context in contexts:
        context.close()


class People(NamedTuple):
    alice: Page
    bea: Page
    cem: Page


def sign_in(page: Page) -> None:
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/w/**")


def link_for(address: str, smtp: ScriptedSmtp, page: Page) -> str:
    """Wait for the mail to somebody, and return the link in it."""
    for _ in range(200):
        for mail in smtp.mails:
            if mail["To"] == address and (link := re.search(r"http\S+/join/\S+", mail.get_content())):
                return link[0]
        # The pages go on meanwhile.
        page.wait_for_timeout(100)
    raise AssertionError(f"No invitation came for {address}.")


def accept(page: Page, link: str, name: str) -> None:
    page.goto(link)
    assert violations(page) == []
    page.get_by_label("Name").fill(name)
    if (address := page.get_by_label("E-mail")).count() and address.is_editable():
        address.fill(f"{name.lower()}@team.example")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name="Create account and join").click()
    page.wait_for_url("**/w/acme-research/")


def invite_two(alice: Page) -> None:
    """Invite one person by a list and another by a mail."""
    alice.goto("/w/acme-research/people/")
    alice.get_by_role("link", name="Invite many from a list").click()
    alice.get_by_label("Addresses, one in a line").fill("email,role\nbea@team.example,member\nnobody,member")
    alice.get_by_role("button", name="Check the list").click()
    expect(alice.get_by_role("row", name="nobody")).to_contain_text("Not invited")
    assert violations(alice) == []
    alice.get_by_role("button", name="Invite 1 person").click()
    expect(alice.locator(".messages")).to_contain_text("1 person is invited.")
    assert violations(alice) == []

    alice.goto("/w/acme-research/people/")
    alice.get_by_role("button", name="Make a link").click()
    alice.get_by_label("E-mail").fill("cem@team.example")
    assert violations(alice) == []
    alice.get_by_role("button", name="Send").click()
    expect(alice.locator(".messages")).to_contain_text("Sent the invitation to cem@team.example.")


@pytest.fixture
def three(opened, smtp) -> People:
    people = People(opened(), opened(), opened())
    sign_in(people.alice)
    invite_two(people.alice)
    for page, name in ((people.bea, "Bea"), (people.cem, "Cem")):
        accept(page, link_for(f"{name.lower()}@team.example", smtp, page), name)
    return people


def test_they_are_invited_watch_together_and_see_their_access_end(
    three: People, opened: Callable[..., Page], upstream: DemoServer
):
    alice, bea, cem = three
    alice.goto("/w/acme-research/")
    choose_model(alice, "Scripted Demo Plain")
    send(alice, "Which tide is highest?")
    alice.wait_for_url("**/c/**")
    finished(alice)
    alice.locator(".bar").get_by_role("button", name="Share", exact=True).click()
    dialog = alice.get_by_role("dialog", name="Share")
    for name in ("Bea", "Cem"):
        dialog.get_by_role("combobox", name="Add a person").fill(name)
        dialog.get_by_role("option", name=name).click()
        dialog.get_by_label(f"Access of {name}").select_option("write")
        expect(dialog.get_by_role("status")).to_have_text(f"Saved. {name} can write in it now.")
    alice.keyboard.press("Escape")

    for page in (bea, cem):
        page.goto(urlsplit(alice.url).path)
    gate = upstream.hold_after(5)
    send(bea, "And the lowest?")
    assert gate.reached.wait(20)
    for page in three:
        expect(page.locator(".thread")).to_contain_text("And the lowest?")
        expect(last_answer(page).locator(".markdown > *")).not_to_have_count(0)
    gate.release()
    for page in three:
        finished(page)
    answers = [last_answer(page).locator(".markdown").inner_text() for page in three]
    assert answers[0] == answers[1] == answers[2]

    phone = opened(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    loses_everything(bea, phone, alice, upstream)
    # The other one goes on.
    expect(cem.get_by_role("button", name="Send", exact=True)).to_be_visible()
    expect(cem.locator(".thread")).to_contain_text("For the two of us")


def loses_everything(bea: Page, phone: Page, alice: Page, upstream: DemoServer) -> None:
    """Make Bea a viewer and then remove her, by touch, while she has the conversation open."""
    sign_in(phone)
    phone.goto("/w/acme-research/people/")
    assert violations(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    phone.get_by_role("searchbox", name="Find a person").tap()
    phone.keyboard.type("bea")
    expect(phone.locator("#members-found")).to_contain_text("1 member")

    gate = upstream.hold_after(5)
    send(bea, "A long answer, please")
    assert gate.reached.wait(20)
    bea.get_by_label("Prompt", exact=True).fill("Not sent yet")
    phone.get_by_label("Role of Bea").select_option("viewer")
    expect(phone.locator(".found-said")).to_have_text("Bea is now a viewer.")
    expect(bea.locator(".composer-closed")).to_contain_text("You can read conversations in Acme Research")
    # A viewer asks no model, so her answer is stopped.
    gate.release()
    expect(last_answer(alice)).to_have_attribute("data-status", "stopped")
    assert violations(bea) == []

    phone.locator("#members-found").get_by_text("Remove Bea").tap()
    assert violations(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    phone.get_by_role("button", name="Remove", exact=True).tap()
    expect(phone.locator(".messages")).to_contain_text("Bea is no longer in Acme Research.")
    expect(bea.locator(".connection")).to_contain_text("no longer")
    expect(bea.get_by_role("button", name="Send", exact=True)).to_be_hidden()
    assert violations(bea) == []
    send(alice, "For the two of us")
    finished(alice)
    expect(bea.locator(".thread")).not_to_contain_text("For the two of us")
    gone = bea.reload()
    assert gone and gone.status == 404


def test_workspaces_are_made_renamed_switched_and_left_by_keyboard(opened, mailing: Installation):
    page = opened()
    sign_in(page)
    menu = page.locator(".workspace-menu summary")
    menu.press("Enter")
    page.get_by_role("link", name="New workspace").press("Enter")
    page.get_by_label("Name").focus()
    page.keyboard.type("Blue Sky")
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/w/blue-sky/people/")

    page.goto("/w/blue-sky/settings/")
    page.get_by_label("Name").focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("Green Sky")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("Saved")

    page.goto("/")
    expect(page).to_have_url(re.compile("/w/blue-sky/$"))
    expect(menu).to_contain_text("Green Sky")
    menu.press("Enter")
    assert violations(page) == []
    # The two workspaces are the first stops of the menu.
    for _ in range(2):
        page.keyboard.press("Tab")
        if "Acme Research" in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/w/acme-research/$"))

    is_left_by_keyboard(page, mailing)
    page.goto("/")
    expect(menu).to_contain_text("Acme Research")


def is_left_by_keyboard(page: Page, mailing: Installation) -> None:
    """Leave a workspace once it has another owner."""
    page.goto("/profile/")
    row = page.get_by_role("listitem").filter(has_text="Green Sky")
    row.get_by_text("Leave Green Sky").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    # A workspace needs an owner.
    expect(page.locator(".messages")).to_contain_text("owner")
    mailing.query(
        "Membership.objects.create(workspace=Workspace.objects.get(slug='blue-sky'), role='owner', "
        "user=User.objects.create_user('dora@team.example', None, name='Dora')).pk"
    )
    row.get_by_text("Leave Green Sky").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("You left Green Sky.")
    assert violations(page) == []
