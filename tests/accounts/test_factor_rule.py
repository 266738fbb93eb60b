"""The rule of a workspace that its members need a second factor, and the help for those who lost theirs."""

# Fixtures are imported by their names, which the parameters of tests then repeat.
# ruff: noqa: F811
from __future__ import annotations

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.flows.set_factor_rule import set_factor_rule
from accounts.models import AuditEvent, Membership, Notice, OutgoingMail, Workspace
from tests.accounts.factors import give_app
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs
from tests.test_access_matrix import MATRIX, library, objects, people, undone, url_of  # noqa: F401

pytestmark = pytest.mark.django_db

LED = "/w/acme/second-factor/"
# Members without a second factor may leave, see what is asked of them, sign out another browser, and stop
# their own answer. Whoever restores a workspace comes to its rule next.
MAY = {
    *("accounts:leave", "accounts:second_factor", "accounts:end_session"),
    *("chat:stop", "chat:restore_workspace"),
}


@pytest.fixture
def required(workspace):
    Workspace.objects.filter(pk=workspace.pk).update(requires_factor=True)
    workspace.refresh_from_db()
    return workspace


def test_without_a_factor_every_address_of_the_workspace_leads_to_one(objects, people, required, client_for):
    client, passed = client_for(people["owner"]), set()
    for name, row in MATRIX.items():
        with undone():
            answer = getattr(client, row.method)(url_of(name, objects), row.data)
        if not (answer.status_code == 302 and answer.url == LED):
            passed.add(name)
    assert passed == MAY


def test_with_a_factor_nothing_changes(objects, people, required, client_for):
    give_app(people["owner"])
    client = client_for(people["owner"])
    for name in ("chat:new", "chat:conversation", "accounts:people", "chat:file", "chat:exchanges"):
        assert client.get(url_of(name, objects)).status_code == 200, name
    assert client.get(LED).url == reverse("chat:new", args=["acme"])


def test_a_part_of_a_page_is_not_replaced_by_another_page(required, client_for, bob):
    answer = client_for(bob).get("/w/acme/people/", HTTP_HX_REQUEST="true")
    assert (answer.status_code, answer["HX-Redirect"]) == (200, LED)


def test_the_page_offers_both_and_the_way_out(required, client_for, bob, carol):
    text = client_for(bob).get(LED).content.decode()
    assert "Acme Research requires a second factor" in text
    for name in ("mfa_add_webauthn", "mfa_activate_totp", "accounts:profile"):
        assert reverse(name) in text
    assert client_for(bob).get("/profile/").status_code == 200
    assert client_for(carol).get(LED).status_code == 404
    assert client_for(bob).post("/w/acme/people/leave/").url == "/profile/"
    assert not Membership.objects.filter(user=bob).exists()


def test_an_owner_decides_who_has_a_factor(client_for, workspace, alice, ada):
    page, rule = reverse("chat:workspace", args=["acme"]), "/w/acme/second-factor/rule/"
    assert "Before you can require one" in client_for(alice).get(page).content.decode()
    refused = client_for(alice).post(rule, {"required": "yes"}, follow=True).content.decode()
    assert "Add a second factor for yourself first" in refused
    give_app(alice)

    answer = client_for(alice).post(rule, {"required": "yes"}, follow=True)

    text = " ".join(answer.content.decode().split())
    assert "requires a second factor now" in text and "1 of 2 members has no second factor yet" in text
    event = AuditEvent.objects.get(action="settings.factor_rule")
    assert (event.before, event.after) == ({"required": False}, {"required": True})
    client_for(alice).post(rule, {"required": "yes"})
    assert AuditEvent.objects.filter(action="settings.factor_rule").count() == 1
    give_app(ada)
    assert "An owner changes this." in client_for(ada).get(page).content.decode()
    assert client_for(ada).post(rule, {"required": "no"}).status_code == 403
    client_for(alice).post(rule, {"required": "no"})
    workspace.refresh_from_db()
    assert not workspace.requires_factor


def test_people_are_named_who_have_none(required, client_for, alice, bob):
    give_app(alice)
    text = client_for(alice).get("/w/acme/people/").content.decode()
    assert text.count("No second factor") == 1
    assert reverse("accounts:reset_factors", args=["acme", bob.memberships.get().pk]) not in text


def test_an_admin_helps_who_lost_theirs(client_for, ada, bob):
    give_app(bob)
    theirs, member = client_for(bob), bob.memberships.get()
    client = client_for(ada)
    address = reverse("accounts:reset_factors", args=["acme", member.pk])
    assert address in client.get("/w/acme/people/").content.decode()

    text = client.post(address, follow=True).content.decode()

    assert "Bob signs in with the password alone now" in text
    assert not Authenticator.objects.filter(user=bob).exists()
    assert theirs.get("/profile/").status_code == 302, "their browsers are signed out"
    event = AuditEvent.objects.get(action="sign_ins.reset_factors")
    assert str(event) == f"Ada ({ada.email}) removed all second factors of Bob ({bob.email})"
    assert Notice.objects.get().text == "Ada removed all of your second factors. Add a new one."
    assert "Ada removed all of your second factors." in OutgoingMail.objects.get().text
    assert "Bob has no second factor." in client.post(address, follow=True).content.decode()


def test_an_admin_helps_neither_owners_nor_themselves_nor_people_of_other_teams(
    client_for, alice, ada, bob, carol
):
    for person in (alice, ada, bob):
        give_app(person)
    Membership.objects.create(workspace=carol.memberships.get().workspace, user=bob, role="member")

    def reset(person):
        number = person.memberships.get(workspace__slug="acme").pk
        return client_for(ada).post(reverse("accounts:reset_factors", args=["acme", number]), follow=True)

    assert [reset(person).status_code for person in (alice, ada)] == [403, 403]
    assert "manage.py reset_factors bob@example.org" in reset(bob).content.decode()
    assert Authenticator.objects.values("user").distinct().count() == 3


def test_the_command_helps_everybody(alice):
    give_app(alice)
    out = StringIO()
    call_command("reset_factors", "Alice@example.org", stdout=out)
    assert "alice@example.org signs in with the password alone" in out.getvalue()
    event = AuditEvent.objects.get()
    assert (event.actor, event.origin) == (None, "manage.py reset_factors")
    for email in ("alice@example.org", "nobody@example.org"):
        with pytest.raises(CommandError):
            call_command("reset_factors", email)


def test_the_flow_locks_nobody_out_of_their_own_rule(workspace, alice):
    give_app(alice)
    set_factor_rule(workspace, True, actor=alice)
    Authenticator.objects.all().delete()
    set_factor_rule(workspace, False, actor=alice)
    assert not Workspace.objects.get(pk=workspace.pk).requires_factor
