"""The dialog of sharing, by mouse and keyboard, and what it does to the page of another person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.choosing import choose_model
from tests.browser.test_accessibility import violations
from tests.browser.test_streamed_answer import finished, send
from tests.installation import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page

    from playground.demo.server import DemoServer
    from tests.installation import Installation


@pytest.fixture
def people(installation: Installation) -> Iterator[Callable[..., None]]:
    """Add members to the workspace, who leave it after the test. Hashing is slow, so few get a password."""

    def add(*names: str, role: str = "member", password: str | None = None) -> None:
        installation.query(
            "[Membership.objects.create(workspace=Workspace.objects.get(), role=role, user="
            "User.objects.create_user(f'{name.split()[0].lower()}@team.example', password, name=name)).pk "
            f"for role, password in [{(role, password)!r}] for name in {names!r}]"
        )

    yield add
    installation.query("User.objects.filter(email__endswith='@team.example').delete()[0]")


@pytest.fixture
def bea(browser: Browser, installation: Installation, people) -> Iterator[Page]:
    """A page of Bea, another member, signed in."""
    people("Bea Ünal", password=PASSWORD)
    context = browser.new_context(base_url=installation.origin, reduced_motion="reduce")
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill("bea@team.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/w/**")
    yield page
    context.close()


@pytest.fixture
def conversation(page: Page) -> Page:
    """Alice's page of a conversation with one answer."""
    choose_model(page, "Scripted Demo Plain")
    send(page, "Which tide is highest?")
    page.wait_for_url("**/c/**")
    finished(page)
    return page


def dialog_of(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Share")


def test_a_colleague_reads_writes_and_loses_the_access(conversation: Page, bea: Page, upstream: DemoServer):
    alice = conversation
    alice.locator(".bar").get_by_role("button", name="Share", exact=True).click()
    dialog = dialog_of(alice)
    find = dialog.get_by_role("combobox", name="Add a person")
    find.fill("unal")
    dialog.get_by_role("option", name="Bea Ünal").click()
    expect(dialog.get_by_role("status")).to_have_text("Saved. Bea Ünal can read it now.")
    access = dialog.get_by_label("Access of Bea Ünal")
    expect(access).to_have_value("read")
    expect(find).to_have_value("")
    expect(alice.locator(".bar .share")).to_have_text("Shared")

    follows_every_change(alice, bea, upstream)


def follows_every_change(alice: Page, bea: Page, upstream: DemoServer) -> None:
    """Change what Bea may do, in the open dialog of Alice, and look at Bea's open page."""
    dialog = dialog_of(alice)
    access = dialog.get_by_label("Access of Bea Ünal")
    bea.reload()
    bea.locator(f'#sidebar-list a[href="{urlsplit(alice.url).path}"]').click()
    expect(bea.locator(".composer-closed")).to_contain_text("You can read this conversation.")
    expect(bea.get_by_role("button", name="Answer again")).to_have_count(0)

    # From reading to writing, while the page is open.
    access.focus()
    access.select_option("write")
    expect(dialog.get_by_role("status")).to_have_text("Saved. Bea Ünal can write in it now.")
    expect(access).to_be_focused()
    gate = upstream.hold_after(5)
    send(bea, "And which is lowest?")
    assert gate.reached.wait(20)
    bea.get_by_label("Prompt", exact=True).fill("Not sent yet")

    # Back to reading, while her answer is being written: it goes on, and she may still stop it.
    access.select_option("read")
    expect(bea.locator(".composer-closed")).to_be_visible()
    expect(bea.get_by_role("button", name="Edit")).to_have_count(0)
    expect(bea.locator(".composer-closed").get_by_role("button", name="Stop")).to_be_visible()
    gate.release()
    finished(bea)
    expect(bea.locator(".composer-closed").get_by_role("button")).to_have_count(0)

    # The words that she had typed are there again when she may write again.
    access.select_option("write")
    expect(bea.get_by_label("Prompt", exact=True)).to_have_value("Not sent yet")
    choose_model(bea, "Scripted Demo Plain")

    dialog.get_by_role("button", name="Remove Bea Ünal").dblclick()
    expect(dialog.get_by_role("status")).to_have_text("Saved. Bea Ünal no longer has access.")
    expect(bea.locator(".connection")).to_contain_text("no longer shared with you")
    expect(bea.get_by_role("button", name="Send", exact=True)).to_be_hidden()
    expect(bea.get_by_label("Prompt", exact=True)).to_have_value("Not sent yet")
    send(alice_closed(alice), "Secret")
    finished(alice)
    expect(bea.locator(".thread")).not_to_contain_text("Secret")


def alice_closed(page: Page) -> Page:
    page.keyboard.press("Escape")
    expect(dialog_of(page)).to_be_hidden()
    expect(page.locator(".bar .share")).to_have_text("Share")
    expect(page.locator(".bar .share")).to_be_focused()
    return page


def test_it_is_shared_by_keyboard_on_a_phone(conversation: Page, people):
    people("Zoë Müller", *(f"Person-{number:03}" for number in range(200)))
    page = conversation
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_label("More about this conversation").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Share…").focus()
    page.keyboard.press("Enter")
    dialog = dialog_of(page)
    find = dialog.get_by_role("combobox", name="Add a person")
    expect(find).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("listbox").get_by_role("option")).to_have_count(8)
    expect(dialog.locator("#share-found")).to_contain_text(re.compile(r"19\d more\."))
    expect(find).to_have_attribute("aria-expanded", "true")
    box = dialog.bounding_box()
    assert box and (box["x"], box["width"], round(box["y"] + box["height"])) == (0, 390, 844), "a sheet"
    assert violations(page) == []

    # The first Escape closes the list, not the dialog.
    page.keyboard.press("Escape")
    expect(find).to_have_attribute("aria-expanded", "false")
    expect(dialog).to_be_visible()
    # Enter waits for the people who fit what was typed.
    page.keyboard.type("zoe mu")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("Saved. Zoë Müller can read it now.")
    expect(find).to_be_focused()
    access = dialog.get_by_label("Access of Zoë Müller")
    access.focus()
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("status")).to_have_text("Saved. Zoë Müller can write in it now.")

    copies_the_link(page)


def copies_the_link(page: Page) -> None:
    """Copy the link where the clipboard API is missing, then remove the person and close the dialog."""
    dialog, menu = dialog_of(page), page.get_by_label("More about this conversation")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.evaluate(
        "document.addEventListener('copy', () => { window.copied = String(document.activeElement.value); })"
    )
    dialog.get_by_role("button", name="Copy link").press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("window.copied") == page.url

    dialog.get_by_role("button", name="Remove Zoë Müller").press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("Saved. Zoë Müller no longer has access.")
    expect(dialog.get_by_label("Access of everyone in Acme Research")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(menu).to_be_focused()


def test_a_change_that_was_not_saved_is_taken_back_and_said(conversation: Page):
    page = conversation
    opener = page.locator(".bar .share")
    opener.click()
    dialog = dialog_of(page)
    everyone = dialog.get_by_label("Access of everyone in Acme Research")
    everyone.select_option("write")
    expect(dialog.get_by_role("status")).to_contain_text("Everyone in Acme Research can write in it now.")
    page.context.set_offline(True)
    everyone.select_option("none")
    expect(dialog.get_by_role("alert")).to_contain_text(
        "The server could not be reached. Nothing was changed."
    )
    expect(everyone).to_have_value("write")
    page.context.set_offline(False)
    everyone.select_option("read")
    expect(dialog.get_by_role("alert")).to_be_hidden()
    expect(dialog.get_by_role("status")).to_contain_text("Everyone in Acme Research can read it now.")
    page.keyboard.press("Escape")

    page.route("**/share/", lambda route: route.fulfill(status=500), times=1)
    opener.click()
    expect(dialog.get_by_role("alert")).to_contain_text("Something went wrong on our side.")
    dialog.get_by_role("button", name="Try again").click()
    expect(everyone).to_have_value("read")


def test_a_group_watches_live_and_a_public_link_is_read_signed_out(
    conversation: Page, bea: Page, browser: Browser, installation: Installation, upstream: DemoServer
):
    alice = conversation
    installation.query(
        "[group.members.add(Membership.objects.get(user__email='bea@team.example')) "
        "for group in [Group.objects.create(workspace=Workspace.objects.get(), name='Design')]]"
    )
    alice.locator(".bar").get_by_role("button", name="Share", exact=True).click()
    dialog = dialog_of(alice)
    dialog.get_by_role("combobox", name="Add a person or group").fill("desi")
    dialog.get_by_role("option", name="Design").click()
    expect(dialog.get_by_role("status")).to_have_text("Saved. Design can read it now.")
    dialog.get_by_label("Access of Design").select_option("write")
    expect(dialog.get_by_role("status")).to_have_text("Saved. Design can write in it now.")
    assert violations(alice) == []
    alice.keyboard.press("Escape")

    bea.goto(urlsplit(alice.url).path)
    expect(alice.get_by_role("img", name="Also here: Bea Ünal")).to_be_visible()
    bea.get_by_label("Prompt", exact=True).press_sequentially("And the lowest?")
    expect(alice.locator(".writing")).to_have_text("Bea Ünal is writing …")
    gate = upstream.hold_after(5)
    bea.keyboard.press("Enter")
    assert gate.reached.wait(20)
    expect(alice.locator(".writing")).to_be_empty()
    expect(alice.locator(".thread")).to_contain_text("And the lowest?")
    # The access ends with the group, while the answer is being written.
    installation.query("[Group.objects.get(name='Design').members.clear()]")
    gate.release()
    finished(alice)
    bea.reload()
    expect(bea.get_by_role("heading", name="Page not found")).to_be_visible()
    expect(alice.locator(".company")).to_have_count(0)
    installation.query("Group.objects.filter(name='Design').delete()[0]")
    is_read_signed_out(alice, browser, installation)


def is_read_signed_out(alice: Page, browser: Browser, installation: Installation) -> None:
    """Make a public link after its preview, read it without signing in, and revoke it."""
    code = urlsplit(alice.url).path
    alice.goto(f"{urlsplit(alice.url).scheme}://{urlsplit(alice.url).netloc}{code}publish/")
    alice.get_by_role("link", name="Allow them").click()
    alice.get_by_role("button", name="Allow public links").click()
    assert violations(alice) == []
    alice.goto(f"{code}publish/")
    alice.get_by_label("Names of the people who wrote").check()
    expect(alice.locator("#public-preview")).to_contain_text("Bea Ünal")
    assert violations(alice) == []
    alice.get_by_role("button", name="Make the link").click()
    address = alice.locator("#public-link").inner_text()

    context = browser.new_context(viewport={"width": 390, "height": 844})
    visitor = context.new_page()
    errors: list[str] = []
    visitor.on("console", lambda message: errors.append(message.text))
    visitor.goto(address)
    expect(visitor.get_by_role("main")).to_contain_text("And the lowest?")
    assert visitor.evaluate("document.documentElement.scrollWidth") == 390
    assert context.cookies() == []
    assert errors == []
    alice.get_by_role("button", name="Revoke").click()
    expect(alice.locator(".rows")).to_contain_text("Revoked")
    visitor.reload()
    expect(visitor.get_by_role("heading", name="This link does not work")).to_be_visible()
    context.close()
    installation.query("Workspace.objects.update(allows_public_links=False)")
