"""Sign-in with an identity provider, which is a program in a process of its own, as a person does it."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.identity_provider import identity_server
from tests.installation import Installation


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with identity_server(tmp_path_factory.mktemp("provider")) as server:
        yield server


@pytest.fixture(scope="module")
def with_provider(tmp_path_factory, prepared, server):
    """An installation of its own: its environment names the provider."""
    described = server.described(
        domains=["example.org"], roles={"staff": "member", "bosses": "admin"}, role="viewer"
    )
    installation = Installation(
        tmp_path_factory.mktemp("installation"), OIDC_PROVIDERS=json.dumps([described])
    )
    installation.copy(prepared)
    installation.start()
    server.sends_back_to(installation.origin)
    yield installation
    installation.stop()


def test_a_person_signs_in_with_the_provider_and_comes_back_with_another_role(browser, with_provider, server):
    server.says("dora", email="dora@example.org", email_verified=True, name="Dora", groups=["staff"])
    context = browser.new_context(base_url=with_provider.origin, reduced_motion="reduce")
    page = context.new_page()
    refused = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)

    page.goto("/profile/")
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Sign in with Corp").press("Enter")
    page.get_by_role("button", name="dora").click()
    expect(page.get_by_text("You sign in as dora@example.org, with Corp.")).to_be_visible()
    expect(page.get_by_text("Member", exact=True)).to_be_visible()
    assert Axe().run(page).response["violations"] == []

    page.get_by_role("button", name="Sign out").click()
    server.says("dora", email="dora@example.org", email_verified=True, groups=["bosses"])
    page.goto("/profile/")
    page.get_by_role("button", name="Sign in with Corp").click()
    # The provider still knows who this is.
    expect(page.get_by_text("Admin", exact=True)).to_be_visible()

    page.goto("/profile/delete/")
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("Your e-mail address").fill("dora@example.org")
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    assert refused == []
    context.close()
