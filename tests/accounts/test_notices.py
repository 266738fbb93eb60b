from __future__ import annotations

import pytest
from django.db import transaction
from django.utils.timezone import now

from accounts.flows.choose_mail import choose_mail
from accounts.models import MailChoice, Membership, Notice, NoticeKind, OutgoingMail, User
from accounts.notices import notices_changed, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def everybody(workspace, alice, ada, bob, vera, carol):
    return Membership.objects.filter(workspace=workspace)


def tell_all(members, kind=NoticeKind.LIMIT_NEAR, text="80 % of a limit is used.") -> None:
    with transaction.atomic():
        tell(members, kind, text, "/w/acme/limits/", "Look at Limits")


def of(user: User) -> Membership:
    return Membership.objects.get(user=user)


def test_it_tells_each_and_counts(everybody, bob, carol):
    tell_all(everybody)
    tell_all(everybody.filter(user=bob))

    assert {member.user.name: member.unread for member in Membership.objects.all()} == {
        "Alice": 1,
        "Ada": 1,
        "Bob": 2,
        "Vera": 1,
        "Carol": 0,
    }
    assert Notice.objects.filter(recipient=of(bob)).count() == 2


def test_nothing_is_told_by_a_transaction_that_fails(everybody):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(everybody, NoticeKind.LIMIT_REACHED, "Used up.", "/", "Look")
        raise ZeroDivisionError
    assert not Notice.objects.exists() and not OutgoingMail.objects.exists()
    assert not Membership.objects.exclude(unread=0).exists()


def test_open_pages_learn_of_it_after_the_commit(everybody, bob, django_capture_on_commit_callbacks):
    told: list[list[int]] = []

    def hear(users: list[int], **_: object) -> None:
        told.append(users)

    notices_changed.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            tell_all(everybody.filter(user=bob))
            assert told == []
    finally:
        notices_changed.disconnect(hear)
    assert told == [[bob.pk]]


@pytest.mark.parametrize(
    ("kind", "mailed"),
    [
        (NoticeKind.LIMIT_NEAR, []),
        (NoticeKind.LIMIT_REACHED, ["Ada", "Alice"]),
        (NoticeKind.KEY_EXPIRES, ["Ada", "Alice"]),
        (NoticeKind.MAIL_FAILED, []),
    ],
)
def test_by_default_admins_get_mail_of_what_is_urgent(everybody, kind, mailed):
    tell_all(everybody, kind)
    assert sorted(OutgoingMail.objects.values_list("recipient__user__name", flat=True)) == mailed


def test_a_choice_replaces_the_default(everybody, alice, ada, bob):
    choose_mail([], actor=alice)
    choose_mail([NoticeKind.LIMIT_NEAR], actor=bob)
    # A row that was written by hand.
    MailChoice.objects.create(user=ada, kinds=[NoticeKind.MAIL_FAILED])
    for kind in NoticeKind:
        tell_all(everybody, kind)

    (mail,) = OutgoingMail.objects.all()
    assert (mail.address, mail.kind) == (bob.email, NoticeKind.LIMIT_NEAR)
    assert mail.subject == "Acme Research: 80 % of a limit is used."
    assert "http" in mail.text and "/w/acme/limits/" in mail.text and "/profile/" in mail.text


def test_nobody_is_told_who_is_disabled(everybody, bob):
    bob.is_active = False
    bob.save()
    tell_all(everybody.filter(user=bob))
    assert not Notice.objects.exists() and of(bob).unread == 0


def test_the_page_shows_the_newest_first_and_marks_unread_ones(everybody, bob, client_for):
    for text in ("First <b>one</b>.", "Second one."):
        tell_all(everybody.filter(user=bob), text=text)
    page = client_for(bob).get("/w/acme/notices/").content.decode()

    assert page.index("Second one.") < page.index("First &lt;b&gt;one")
    assert page.count('class="unread-dot"') == 2
    assert "See unsent mail" not in page


def test_without_notices_the_page_says_what_it_is_for(client_for, vera, workspace):
    assert b"You have no notices." in client_for(vera).get("/w/acme/notices/").content


def test_two_hundred_notices_have_pages(everybody, bob, client_for, django_assert_max_num_queries):
    member = of(bob)
    Notice.objects.bulk_create(
        Notice(recipient=member, kind="limit_near", text=f"Notice {number}", link="/")
        for number in range(200)
    )
    client = client_for(bob)
    with django_assert_max_num_queries(8):
        first = client.get("/w/acme/notices/").content.decode()
    assert first.count('class="notices-item') == 40 and "1 to 40 of 200" in first
    assert "Notice 0<" not in first
    assert "161 to 200 of 200" in client.get("/w/acme/notices/?page=5").content.decode()
    assert client.get("/w/acme/notices/?page=nonsense").status_code == 200


def test_one_is_read_and_the_count_follows(everybody, bob, client_for):
    tell_all(everybody)
    tell_all(everybody)
    client, (first, second) = client_for(bob), Notice.objects.filter(recipient=of(bob)).order_by("pk")

    for _ in range(2):
        assert client.post(f"/w/acme/notices/{first.code}/read/").url == "/w/acme/notices/"
        assert of(bob).unread == 1
    assert client.post(f"/w/acme/notices/{second.code}/open/").url == "/w/acme/limits/"
    assert of(bob).unread == 0
    assert not Membership.objects.exclude(user__in=[bob]).filter(workspace__slug="acme").exclude(unread=2)


@pytest.mark.parametrize("way", ["read", "open"])
def test_a_notice_is_its_readers_alone(everybody, alice, bob, client_for, way):
    tell_all(everybody.filter(user=bob))
    code = Notice.objects.get().code
    assert client_for(alice).post(f"/w/acme/notices/{code}/{way}/").status_code == 404
    assert Notice.objects.get().read_at is None


def test_all_are_read_that_the_page_knew_of(everybody, bob, alice, client_for):
    tell_all(everybody)
    client = client_for(bob)
    newest = client.get("/w/acme/notices/").context["newest"]
    tell_all(everybody)
    client.post("/w/acme/notices/read-all/", {"newest": newest})

    assert of(bob).unread == 1 and of(alice).unread == 2
    for nonsense in ("", "x", "-1", "9" * 40, "٣"):
        assert client.post("/w/acme/notices/read-all/", {"newest": nonsense}).status_code == 302
    assert of(bob).unread == 1


def test_the_sidebar_and_the_settings_count_unread_ones(everybody, bob, client_for):
    client = client_for(bob)
    for path in ("/w/acme/", "/w/acme/limits/"):
        assert 'class="unread-count' not in client.get(path).content.decode()
    tell_all(everybody)
    for path in ("/w/acme/", "/w/acme/limits/"):
        assert 'class="unread-count' in client.get(path).content.decode()


def test_whoever_leaves_loses_their_notices(everybody, bob, client_for):
    tell_all(everybody, NoticeKind.LIMIT_NEAR)
    client_for(bob).post("/w/acme/people/leave/")
    assert not Notice.objects.filter(recipient__user=bob).exists()


def test_the_profile_offers_the_kinds_of_a_role(everybody, alice, bob, client_for):
    admin, member = (client_for(user).get("/profile/").content.decode() for user in (alice, bob))
    assert 'value="limit_reached" id="id_kinds_1" checked' in " ".join(admin.split())
    assert "checked" not in member.partition("mail-heading")[2].partition("</section>")[0]
    assert "mail_failed" not in admin and "mail_failed" not in member


def test_the_choice_is_stored(bob, workspace, client_for):
    client = client_for(bob)
    assert client.post("/profile/mail/", {"kinds": ["limit_near"]}).url == "/profile/"
    assert MailChoice.objects.get().kinds == ["limit_near"]
    client.post("/profile/mail/", {"kinds": ["mail_failed"]})
    assert MailChoice.objects.get().kinds == ["limit_near"]
    client.post("/profile/mail/", {})
    assert MailChoice.objects.get().kinds == []


def test_admins_see_unsent_mail_and_remove_it(everybody, ada, bob, client_for):
    client = client_for(ada)
    assert b"All mail was sent." in client.get("/w/acme/mail/").content
    mail = OutgoingMail.objects.create(
        recipient=of(bob),
        kind="limit_near",
        subject="Of <b>",
        trouble="Refused.",
        try_until=now(),
        attempts=3,
    )
    assert b"See unsent mail" in client.get("/w/acme/notices/").content
    page = client.get("/w/acme/mail/").content.decode()
    assert "Tried 3 times" in page and "Of &lt;b&gt;" in page and "bob@example.org" in page
    OutgoingMail.objects.update(given_up_at=now())
    assert "Given up after 3 attempts" in client.get("/w/acme/mail/").content.decode()

    client.post("/w/acme/mail/again/")
    assert OutgoingMail.objects.get().given_up_at is None
    client.post(f"/w/acme/mail/{mail.code}/remove/")
    assert not OutgoingMail.objects.exists()


def test_mail_of_another_workspace_is_not_there(everybody, ada, carol, client_for):
    mail = OutgoingMail.objects.create(
        recipient=of(carol), kind="limit_near", trouble="Refused.", try_until=now(), given_up_at=now()
    )
    client = client_for(ada)
    assert client.post(f"/w/acme/mail/{mail.code}/remove/").status_code == 404
    client.post("/w/acme/mail/again/")
    assert OutgoingMail.objects.get().given_up_at is not None
