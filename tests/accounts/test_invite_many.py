"""Many people who are invited from a list, and what becomes of the invitations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import now

from accounts.access import get_membership_for
from accounts.flows.invite import invite, link_of
from accounts.flows.invite_many import MOST_AT_ONCE, check_list, invite_many
from accounts.flows.send_outgoing_mail import note_attempt, take_mail, try_mail
from accounts.invitation_list import read_list
from accounts.models import AuditAction, AuditEvent, Group, Invitation, Membership, OutgoingMail, Role, User

pytestmark = pytest.mark.django_db
MANY, LIST = reverse("accounts:invite_many", args=["acme"]), reverse("accounts:invitations", args=["acme"])
CHOICE = {"role": "member", "days": "7"}
NEW = {"name": "Dora", "password": "a long password"}


@pytest.fixture
def sales(workspace) -> Group:
    return Group.objects.create(workspace=workspace, name="Sales")


def send_all() -> None:
    while mail := take_mail():
        note_attempt(mail, try_mail(mail))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@x.org\n\n b@x.org \r\n", ["a@x.org", "b@x.org"]),
        ("Ada Byron <a@x.org>, b@x.org", ["a@x.org Ada Byron", "b@x.org"]),
        ("E-Mail;Role;Groups\na@x.org;Viewer;Sales|Staff", ["a@x.org Viewer Sales+Staff"]),
        ("a@x.org\tadmin\tSales;Staff", ["a@x.org admin Sales+Staff"]),
        ("name,email\n'=Ada,a@x.org", ["a@x.org =Ada"]),
        ('"a@x.org', ["a@x.org"]),
        ("\0", []),
    ],
)
def test_it_reads_lists_as_people_have_them(text, found):
    shown = [
        " ".join(filter(None, (each.email, each.role, "+".join(each.groups), each.name)))
        for each in read_list(text)
    ]
    assert shown == found


def test_each_line_says_what_is_wrong_with_it(ada, bob, sales, workspace):
    invite_many(workspace, "open@example.org", "member", (), 7, actor=ada)
    lines = [
        "dora@example.org",
        "DORA@example.org",
        "no address",
        "bob@example.org",
        "open@example.org",
        "e@example.org,boss",
        "f@example.org,owner",
        "g@example.org,viewer,Sails",
        "h@example.org,Viewer,SALES",
    ]
    found = check_list(get_membership_for(ada, "acme"), "\n".join(lines), "member", ())
    assert [line.trouble for line in found] == [
        "",
        "Listed already, in line 1.",
        "This is no e-mail address.",
        "Is a member already.",
        "Is invited already.",
        "There is no role boss.",
        "You may not give the role owner.",
        "There is no group Sails.",
        "",
    ]
    assert (found[-1].role, found[-1].groups) == (Role.VIEWER, (sales,))


def test_two_hundred_are_previewed_then_invited_at_once_and_a_second_click_invites_nobody(
    ada, sales, client_for, settings, django_assert_max_num_queries
):
    settings.HAS_MAIL = True
    client = client_for(ada)
    text = "".join(f"p{number}@example.org\n" for number in range(200)) + "<b>x</b>\n"
    posted = {"text": text, "groups": sales.pk, **CHOICE}
    with django_assert_max_num_queries(20):
        page = client.post(MANY, posted).content.decode()
    assert "Invite 200 people" in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert not Invitation.objects.exists()

    with django_assert_max_num_queries(30):
        response = client.post(MANY, {**posted, "confirmed": "true"})
    client.post(MANY, {**posted, "confirmed": "true"})

    assert response.headers["Location"] == LIST
    assert Invitation.objects.filter(groups=sales, role="member").count() == 200
    assert AuditEvent.objects.filter(action=AuditAction.INVITE, actor=ada).count() == 200
    assert OutgoingMail.objects.count() == 200
    shown = client.get(LIST).content.decode()
    assert "200 people are invited. Their mails are on their way." in shown
    assert "Nobody was invited" in shown
    assert "1 to 40 of 200" in shown
    assert "p7@example.org" in client.get(f"{LIST}?q=P7@").content.decode()


def test_a_list_that_is_too_long_is_cut_and_a_file_of_a_spreadsheet_is_read(ada, sales, client_for):
    member = get_membership_for(ada, "acme")
    text = "".join(f"p{number}@example.org\n" for number in range(MOST_AT_ONCE + 1))
    assert check_list(member, text, "member", ())[-1].trouble == "A list can have at most 500 people."
    client = client_for(ada)
    for content in ("Zoë <zoe@example.org>".encode("utf-16"), "Zoë <zoe@example.org>".encode("cp1252")):
        page = client.post(MANY, {**CHOICE, "file": SimpleUploadedFile("list.csv", content)}).content.decode()
        assert "Zoë" in page
    assert "Enter an address" in client.post(MANY, CHOICE).content.decode()


def test_the_mail_has_the_link_which_is_stored_nowhere(ada, sales, client, workspace):
    [invitation] = invite_many(workspace, "dora@example.org", "viewer", [sales], 7, actor=ada)
    link, stored = link_of(invitation), str(list(OutgoingMail.objects.values()))

    send_all()

    [sent] = django_mail.outbox
    assert sent.to == ["dora@example.org"]
    assert link in sent.body
    assert link.rsplit("/", 2)[1] not in stored + str(list(Invitation.objects.values()))
    assert not OutgoingMail.objects.exists()
    # She joins with that address alone, whatever is posted, and is in the group.
    path = link.removeprefix("http://localhost:8000")
    assert 'value="dora@example.org"' in client.get(path).content.decode()
    assert client.post(path, {**NEW, "email": "other@example.org"}).status_code == 302
    member = Membership.objects.get(user__email="dora@example.org")
    assert (member.role, list(member.groups.all())) == (Role.VIEWER, [sales])
    assert not User.objects.filter(email="other@example.org").exists()
    assert AuditEvent.objects.filter(action=AuditAction.JOIN, after__groups=["Sales"]).exists()


def test_an_invitation_for_another_address_lets_nobody_in(ada, carol, workspace, client_for, client):
    [invitation] = invite_many(workspace, "carol@example.org", "member", (), 7, actor=ada)
    path = link_of(invitation).removeprefix("http://localhost:8000")
    stranger = User.objects.create_user("eve@example.org", "x", name="Eve")
    eve = client_for(stranger)
    for response in (eve.get(path), eve.post(path)):
        assert response.status_code == 403
        assert "This invitation is for another address" in response.content.decode()
    assert not Membership.objects.filter(user=stranger).exists()
    # The owner of the account signs in first.
    page = client.get(path).content.decode()
    assert "Sign in and join" in page
    assert 'name="password"' not in page
    assert client_for(carol).post(path).headers["Location"] == reverse("chat:new", args=["acme"])


def test_it_is_sent_again_also_after_it_expired_and_never_after_it_was_revoked(
    ada, workspace, client_for, settings
):
    settings.HAS_MAIL = True
    [invitation] = invite_many(workspace, "dora@example.org", "member", (), 1, actor=ada)
    send_all()
    Invitation.objects.update(expires_at=now() - timedelta(days=1))
    client, url = client_for(ada), reverse("accounts:resend_invitation", args=["acme", invitation.code])
    assert "Expired" in client.get(f"{LIST}?state=expired").content.decode()

    page = client.post(url, follow=True).content.decode()

    assert "The link of dora@example.org works for 7 more days." in page
    send_all()
    assert link_of(invitation) in django_mail.outbox[1].body
    client.post(url)
    client.post(reverse("accounts:revoke", args=["acme", invitation.code]))
    # The mail that waited is dropped.
    send_all()
    assert len(django_mail.outbox) == 2
    assert "was used or revoked" in client.post(url, follow=True).content.decode()


def test_without_a_mail_server_an_admin_gets_the_links_that_they_may_give(ada, alice, workspace, client_for):
    invite_many(workspace, "boss@example.org", "owner", (), 7, actor=alice)
    [invitation] = invite_many(workspace, "dora@example.org", "member", (), 7, actor=alice)
    invite(workspace, Role.MEMBER, "a link for anybody", 7, actor=alice)

    text = client_for(ada).post(reverse("accounts:invitation_links", args=["acme"])).content.decode()

    assert text.split("\r\n")[1:] == [f"dora@example.org,member,{link_of(invitation)}", ""]
    assert AuditEvent.objects.filter(action=AuditAction.EXPORT_LINKS, actor=ada).exists()
