"""Second factors in a browser: a passkey of a virtual authenticator, an app, and recovery codes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.accounts.factors import code_of
from tests.browser.test_accessibility import violations_in_both

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, Page

EMAIL, PHRASE = "dora@example.org", "a long enough phrase"
_MAKE = (
    "Membership.objects.create(role='owner', workspace=Workspace.objects.create(slug='vault', name='Vault', "
    f"requires_factor={{rule}}), user=User.objects.create_user('{EMAIL}', '{PHRASE}', name='Dora')).pk"
)
_GONE = (
    f"(User.objects.filter(email='{EMAIL}').delete(), Workspace.objects.filter(slug='vault').delete())[0][0]"
)


@pytest.fixture
def dora(installation) -> Iterator[None]:
    yield
    installation.query(_GONE)


def enter_password(page: Page) -> None:
    # A page notices by itself that its session has ended, and leaves for the sign-in page too.
    page.goto("about:blank")
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PHRASE)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm(page: Page) -> None:
    page.get_by_label("Password").fill(PHRASE)
    page.get_by_role("button", name="Continue").click()


def with_authenticator(page: Page) -> None:
    """Give the page a device that makes and uses passkeys by itself."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.usefixtures("dora")
def test_a_workspace_leads_to_a_passkey_which_signs_in_alone(context: BrowserContext, installation):
    installation.query(_MAKE.format(rule=True))
    page = context.new_page()
    with_authenticator(page)
    enter_password(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vault requires a second factor")
    assert violations_in_both(page) == []
    page.get_by_role("link", name="Add a passkey").click()
    confirm(page)
    page.get_by_label("Name").fill("Laptop")
    assert violations_in_both(page) == []
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("#recovery-codes")).to_have_text(re.compile(r"^(\d{8}\n){10}$"))
    assert violations_in_both(page) == []
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Passkey “Laptop”")).to_be_visible()
    assert violations_in_both(page) == []
    page.goto("/")
    page.wait_for_url("**/w/vault/")

    context.clear_cookies()
    page.goto("/sign-in/?next=/w/vault/people/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/w/vault/people/")

    context.clear_cookies()
    enter_password(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/w/vault/")


@pytest.mark.usefixtures("dora")
def test_an_app_signs_other_browsers_out_and_a_recovery_code_replaces_it(
    context: BrowserContext, browser, installation
):
    installation.query(_MAKE.format(rule=False))
    # Colours that are still changing have less contrast.
    theirs = browser.new_context(base_url=installation.origin, reduced_motion="reduce")
    elsewhere = theirs.new_page()
    enter_password(elsewhere)
    elsewhere.wait_for_url("**/w/vault/")
    page = context.new_page()
    enter_password(page)
    page.wait_for_url("**/w/vault/")

    page.goto("/profile/security/")
    page.get_by_role("link", name="Add an authenticator app").click()
    confirm(page)
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert violations_in_both(page) == []
    secret = page.locator("#app-secret").inner_text()
    page.get_by_label("Code that the app shows").fill(code_of(secret))
    page.get_by_role("button", name="Add the app").click()
    recovery = page.locator("#recovery-codes").inner_text().split()
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()

    enter_password(elsewhere)
    expect(elsewhere.get_by_label("Code of your app")).to_be_visible()
    assert violations_in_both(elsewhere) == []
    elsewhere.get_by_label("Code of your app").fill(code_of(secret))
    elsewhere.get_by_role("button", name="Continue").click()
    elsewhere.wait_for_url("**/w/vault/")

    context.clear_cookies()
    enter_password(page)
    page.get_by_label("Code of your app").fill(recovery[0])
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/w/vault/")
    page.goto("/profile/security/")
    expect(page.get_by_text("9 left.")).to_be_visible()
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_text("You are signed out everywhere else.")).to_be_visible()
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()
    theirs.close()
