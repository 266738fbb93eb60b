"""Links of invitations and for new passwords, sent by mail where a mail server is set up."""

from __future__ import annotations

import re

import pytest
from django.core import mail

from accounts.exceptions import MailFailed
from accounts.flows.invite import invite, revoke_invitation
from accounts.models import Invitation, Membership, Role

pytestmark = pytest.mark.django_db

INVITATION = {"role": "member", "note": "Dora", "days": "7"}


@pytest.fixture(autouse=True)
def mail_server(settings):
    settings.HAS_MAIL = True


@pytest.fixture
def broken(monkeypatch):
    def send_mail(*_):
        raise MailFailed("The mail server refused this address.")

    for flow in ("send_invitation", "send_password_link"):
        monkeypatch.setattr(f"accounts.flows.{flow}.send_mail", send_mail)


@pytest.fixture
def new(workspace, alice) -> dict[str, str]:
    """A new invitation: the address that sends it, and its token."""
    invitation, token = invite(workspace, Role.MEMBER, "Dora", 7, actor=alice)
    return {"path": f"/w/acme/people/invitations/{invitation.code}/send/", "token": token}


def link_page(user) -> str:
    return f"/w/acme/people/{user.memberships.get(workspace__slug='acme').pk}/link/"


def test_a_new_link_is_sent_and_lets_its_reader_join(client_for, client, ada):
    adas = client_for(ada)
    page = adas.get(adas.post("/w/acme/people/invite/", INVITATION).url).content.decode()
    path = re.search(r'action="(/w/acme/people/invitations/[\w-]+/send/)"', page)
    token = re.search(r'name="token" value="([\w-]+)"', page)
    assert path and token

    answer = adas.post(path[1], {"token": token[1], "email": "dora@example.org"}, follow=True)

    assert "Sent the invitation to dora@example.org." in answer.content.decode()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["dora@example.org"], "Ada invites you to Acme Research")
    assert "with the role member" in sent.body and "UTC" in sent.body
    link = re.search(r"http://testserver(/join/[\w-]+/)\n", str(sent.body))
    assert link and client.get(link[1]).status_code == 200


@pytest.mark.parametrize("email", ["", "dora", "dora@example.org\nBcc: eve@example.org", "é@example.org"])
def test_a_wrong_address_is_refused_at_its_field_and_the_link_stays(client_for, alice, new, email):
    answer = client_for(alice).post(new["path"], {"token": new["token"], "email": email})

    text = answer.content.decode()
    assert answer.context["recipient"].errors["email"] and 'aria-invalid="true"' in text
    assert f"/join/{new['token']}/" in text
    assert mail.outbox == []


def test_a_failure_is_told_at_the_field_and_the_link_stays(client_for, alice, new, broken):
    answer = client_for(alice).post(new["path"], {"token": new["token"], "email": "dora@example.org"})

    text = answer.content.decode()
    assert "The mail server refused this address." in text
    assert f"/join/{new['token']}/" in text and 'value="dora@example.org"' in text


def test_a_link_that_no_longer_works_is_not_sent(client_for, workspace, alice, carol, new):
    other, others_token = invite(carol.memberships.get().workspace, Role.MEMBER, "", 7, actor=carol)
    client, address = client_for(alice), {"email": "dora@example.org"}
    for token in ("", "nonsense", "x\0", others_token):
        answer = client.post(new["path"], {**address, "token": token}, follow=True)
        assert "Nothing was sent" in answer.content.decode()
    revoke_invitation(Invitation.objects.get(workspace=workspace), actor=alice)
    answer = client.post(new["path"], {**address, "token": new["token"]}, follow=True)
    assert "Nothing was sent" in answer.content.decode()
    path = f"/w/acme/people/invitations/{other.code}/send/"
    assert client.post(path, {**address, "token": others_token}).status_code == 404
    assert mail.outbox == []


def test_a_password_link_is_sent_to_the_member(client_for, client, ada, bob):
    adas = client_for(ada)
    assert "Send by mail" in adas.get(link_page(bob)).content.decode()

    answer = adas.post(f"{link_page(bob)}send/", follow=True)

    assert "Sent Bob a link to set a new password." in answer.content.decode()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["bob@example.org"], "A new password for Bob")
    link = re.search(r"http://testserver(/reset/[\w-]+/)\n", str(sent.body))
    assert link and client.get(link[1]).status_code == 200


def test_a_password_link_that_was_not_sent_can_be_copied(client_for, alice, bob, broken):
    answer = client_for(alice).post(f"{link_page(bob)}send/", follow=True)

    text = answer.content.decode()
    assert "The mail server refused this address." in text and "/reset/" in text


def test_nobody_sends_a_link_for_whom_they_may_not_reset(client_for, alice, ada, carol, bob):
    assert client_for(ada).post(f"{link_page(alice)}send/").status_code == 403
    Membership.objects.create(workspace=carol.memberships.get().workspace, user=bob)
    answer = client_for(ada).post(f"{link_page(bob)}send/", follow=True)
    assert "opens more than this workspace" in answer.content.decode()
    assert mail.outbox == []


def test_the_mails_of_a_member_are_counted(client_for, settings, alice, bob, new):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "mail": "2/h/user"}
    client = client_for(alice)
    for _ in range(3):
        answer = client.post(f"{link_page(bob)}send/", follow=True)
    assert "You have sent too many mails." in answer.content.decode()
    answer = client.post(new["path"], {"token": new["token"], "email": "dora@example.org"})
    assert "You have sent too many mails." in answer.content.decode()
    assert len(mail.outbox) == 2


def test_without_a_mail_server_nothing_is_offered(client_for, settings, alice, bob, new):
    settings.HAS_MAIL = False
    client = client_for(alice)

    page = client.get(client.post("/w/acme/people/invite/", INVITATION).url).content.decode()
    assert "Copy link" in page and "Send by mail" not in page
    assert "Send by mail" not in client.get(link_page(bob)).content.decode()
    answer = client.post(f"{link_page(bob)}send/", follow=True)
    assert "This server cannot send mail. Copy the link instead." in answer.content.decode()
    answer = client.post(new["path"], {"token": new["token"], "email": "dora@example.org"})
    assert "This server cannot send mail." in answer.content.decode()
    assert mail.outbox == []
