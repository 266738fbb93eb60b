"""Links that are mailed to an address: for a forgotten password, a new account, and another address."""

from __future__ import annotations

import re
import threading

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.addresses import confirm_address, is_confirmed
from accounts.flows.change_address import make_address_code
from accounts.flows.invite import invite
from accounts.mailed_codes import make_code
from accounts.models import AuditEvent, Membership, Role, User, Workspace
from playground.checks import check_sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

NEW = "an entirely new password"
PERSON = {"name": "Dora", "password": NEW}


@pytest.fixture(autouse=True)
def mail_server(settings):
    cache.clear()
    settings.HAS_MAIL = True


@pytest.fixture
def open_to(settings):
    def set_up(mode: str, *domains: str, **other: str) -> None:
        settings.SIGN_UP, settings.SIGN_UP_DOMAINS = mode, list(domains)
        settings.SIGN_UP_ROLE = other.get("role", "MEMBER")
        settings.SIGN_UP_WORKSPACE = other.get("workspace", "")

    return set_up


def sent() -> list[mail.EmailMessage]:
    """Return the mails that were sent since, once the threads that send them have ended."""
    for thread in threading.enumerate():
        if thread.name == "mail":
            thread.join()
    found, mail.outbox = list(mail.outbox), []
    return found


def link_in(message):
    [path] = re.findall(r"^http://localhost:\d+(/\S+)$", str(message.body), re.MULTILINE)
    return path


def test_a_forgotten_password_is_replaced_by_a_mailed_link(client, bob):
    assert b'href="/forgotten/"' in client.get("/sign-in/").content
    client.post("/forgotten/", {"email": "Bob@example.org"})

    [message] = sent()
    assert message.to == ["bob@example.org"]
    assert client.post(link_in(message), {"password": NEW}).status_code == 302
    bob.refresh_from_db()
    assert bob.check_password(NEW)
    assert AuditEvent.objects.get(action="sign_ins.ask").actor is None


def test_nobody_learns_which_addresses_have_an_account(client, bob, ada, vera, open_to):
    open_to("OPEN")
    ada.set_unusable_password()
    ada.save()
    User.objects.filter(pk=vera.pk).update(is_active=False)
    for page in ("/forgotten/", "/sign-up/"):
        answers = set()
        for address in ("bob@example.org", "ada@example.org", "vera@example.org", "nobody@example.org"):
            answer = client.post(page, {"email": address})
            # Each answer masks the token of its forms anew.
            words = re.sub(rf'{address}|"X-CSRFToken": "\w+"', "", answer.content.decode())
            answers.add((answer.status_code, words))
        assert len(answers) == 1, page
    # A password of somebody who signs in with a provider alone cannot be made by a mail.
    subjects = sorted(f"{message.to[0]}: {message.subject}" for message in sent())
    assert subjects == [
        "ada@example.org: You have an account already",
        "bob@example.org: A new password for Bob",
        "bob@example.org: You have an account already",
        "nobody@example.org: Make your account",
        "vera@example.org: You have an account already",
    ]


@pytest.mark.parametrize("page", ["/forgotten/", "/sign-up/"])
def test_links_are_counted_by_address_whoever_asks(open_to, bob, page):
    open_to("OPEN")
    for address in ("bob@example.org", "nobody@example.org"):
        asked = [Client(REMOTE_ADDR=f"203.0.113.{n}").post(page, {"email": address}) for n in range(5)]
        assert [answer.status_code for answer in asked] == [200, 200, 200, 200, 429]
    # Spelling an address in another way does not help.
    assert Client(REMOTE_ADDR="203.0.113.9").post(page, {"email": "BOB@example.org"}).status_code == 429
    sent()


def test_without_a_mail_server_nothing_is_promised(client, sure, settings, bob):
    settings.HAS_MAIL = False
    assert b"ask an admin" in client.get("/sign-in/").content.lower()
    assert b"Ask an admin" in client.post("/forgotten/", {"email": "bob@example.org"}).content
    signed_in = sure(bob)
    assert b"Change e-mail" not in signed_in.get("/profile/").content
    assert b"cannot send mail" in signed_in.post("/profile/address/", {"email": "b@new.test"}).content
    signed_in.post("/profile/address/confirm/")
    assert sent() == []


@pytest.mark.parametrize(
    ("mode", "domains", "address", "role", "joins"),
    [
        ("DOMAIN", ["example.com"], "dora@example.com", "MEMBER", True),
        ("DOMAIN", ["example.com"], "dora@EXAMPLE.com", "VIEWER", True),
        ("DOMAIN", ["example.com"], "dora@sub.example.com", "MEMBER", False),
        ("DOMAIN", ["example.com"], "dora@example.com.evil.test", "MEMBER", False),
        ("OPEN", [], "dora@anywhere.test", "VIEWER", True),
        ("INVITATION", [], "dora@example.com", "MEMBER", False),
        ("CLOSED", [], "dora@example.com", "MEMBER", False),
    ],
)
def test_who_may_sign_up(open_to, workspace, mode, domains, address, role, joins):
    open_to(mode, *domains, role=role)
    client = Client()
    client.post("/sign-up/", {"email": address})
    messages = sent()
    assert len(messages) == joins
    assert not User.objects.filter(email__iexact=address).exists(), "an address has to be confirmed first"
    link = link_in(messages[0]) if joins else f"/sign-up/{make_code('sign_up', address.lower())}/"
    assert client.get(link).status_code == (200 if joins else 410)

    client.post(link, PERSON)

    found = Membership.objects.filter(user__email=address.lower())
    assert [(each.workspace, each.role.upper()) for each in found] == ([(workspace, role)] if joins else [])
    if joins:
        assert is_confirmed(found[0].user)
        assert client.get("/profile/").context["user"] == found[0].user
        # The link has been used.
        assert Client().post(link, PERSON).status_code == 410


def test_the_workspace_to_join_is_that_of_the_settings(open_to, workspace):
    other = Workspace.objects.create(name="Other", slug="other")
    for slug, place in (("other", other), ("gone", None)):
        open_to("OPEN", workspace=slug)
        address = f"{slug}@example.com"
        Client().post(f"/sign-up/{make_code('sign_up', address)}/", PERSON)
        member = Membership.objects.filter(user__email=address).first()
        assert (member and member.workspace) == place and User.objects.filter(email=address).exists()


def test_a_weak_password_or_a_changed_link_makes_no_account(client, open_to, workspace):
    open_to("OPEN")
    code = make_code("sign_up", "dora@example.com")
    assert client.post(f"/sign-up/{code}/", {**PERSON, "password": "12345"}).status_code == 200
    for spoiled in (
        code[:-1] + ("a" if code[-1] != "a" else "b"),
        make_code("address", 1, "a", "b"),
        "é",
        "::",
    ):
        assert client.post(f"/sign-up/{spoiled}/", PERSON).status_code == 410
    assert not User.objects.filter(email="dora@example.com").exists()


def test_closed_means_that_an_invitation_makes_no_account_either(client, open_to, workspace, alice):
    open_to("CLOSED")
    _, token = invite(workspace, Role.MEMBER, "", 7, actor=alice)
    page = client.post(f"/join/{token}/", {**PERSON, "email": "dora@example.com"})
    assert b'type="password"' not in page.content and b"Sign in first" in page.content
    assert not User.objects.filter(email="dora@example.com").exists()


def test_an_address_is_confirmed_and_changed_by_links(sure, bob):
    client = sure(bob)
    client.post("/profile/address/confirm/")
    [message] = sent()
    client.post(link_in(message))
    assert is_confirmed(bob) and b"is confirmed" in client.get("/profile/").content

    client.post("/profile/address/", {"email": "Robert@example.org"})
    [message] = sent()
    link = link_in(message)
    assert message.to == ["robert@example.org"]
    assert b"robert@example.org" in client.get(link).content
    bob.refresh_from_db()
    assert bob.email == "bob@example.org", "opening a link changes nothing: programs do that, too"
    client.post(link)

    bob.refresh_from_db()
    assert bob.email == "robert@example.org" and is_confirmed(bob)
    event = AuditEvent.objects.get(action="sign_ins.address")
    assert event.after == {"address": "robert@example.org", "before": "bob@example.org"}
    assert client.post(link).status_code == 410
    signed_in = Client().post("/sign-in/", {"login": "robert@example.org", "password": PASSWORD})
    assert signed_in.status_code == 302


@pytest.mark.django_db(transaction=True)
def test_the_old_address_is_told(client_for, bob):
    client_for(bob).post(f"/address/{make_address_code(bob, 'robert@example.org')}/")
    [message] = sent()
    assert message.to == ["bob@example.org"] and "robert@example.org" in str(message.body)


def test_a_link_for_an_address_is_for_one_person_and_one_change(client_for, bob, ada):
    link = f"/address/{make_address_code(bob, 'robert@example.org')}/"
    assert Client().get(link).status_code == 302
    assert client_for(ada).post(link).status_code == 410
    # In the meantime, another person has taken the address.
    User.objects.filter(pk=ada.pk).update(email="robert@example.org")
    assert client_for(bob).post(link).status_code == 410
    bob.refresh_from_db()
    assert bob.email == "bob@example.org"


def test_an_address_with_an_account_gets_a_mail_that_says_so(sure, bob, ada):
    client = sure(bob)
    taken, free = (
        client.post("/profile/address/", {"email": f"{name}@example.org"}) for name in ("ada", "new")
    )
    assert (taken.status_code, taken.url) == (free.status_code, free.url) == (302, "/profile/")
    told, linked = sent()
    assert told.to == ["ada@example.org"] and "/address/" not in str(told.body)
    assert "/address/" in str(linked.body)


def test_changing_an_address_asks_for_the_password_again(client_for, bob):
    answer = client_for(bob).post("/profile/address/", {"email": "robert@example.org"})
    assert answer.url.startswith("/confirm/") and sent() == []


def test_a_confirmed_address_that_changed_is_confirmed_no_more(bob):
    confirm_address(bob)
    bob.email = "robert@example.org"
    assert not is_confirmed(bob)


def test_sign_up_and_its_domains_go_together(open_to, settings):
    for mode, domains, ids in (("DOMAIN", [], ["E013"]), ("OPEN", ["a.test"], ["E013"]), ("OPEN", [], [])):
        open_to(mode, *domains)
        assert [str(found.id).rpartition(".")[2] for found in check_sign_in(None)] == ids
    settings.HAS_MAIL, settings.PASSWORD_SIGN_IN = False, False
    assert [str(found.id).rpartition(".")[2] for found in check_sign_in(None)] == ["E012", "W007"]
