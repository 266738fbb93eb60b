from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.core import mail as django_mail
from django.db import transaction
from django.utils.timezone import now

from accounts.exceptions import MailFailed
from accounts.flows import send_outgoing_mail
from accounts.flows.send_outgoing_mail import note_attempt, purge_mails, take_mail, try_again, try_mail
from accounts.models import Membership, Notice, NoticeKind, OutgoingMail
from accounts.outbox import put_mail
from chat.relays import chores
from tests.accounts.test_mail import use
from tests.scripted_smtp import CLOSE, HANG, ScriptedSmtp

pytestmark = pytest.mark.django_db
CONTEXT = {
    "workspace": "Acme",
    "text": "A limit is used up.",
    "link": "/w/acme/limits/",
    "profile": "/profile/",
}
LATER = MailFailed("The mail server does not answer.")


@pytest.fixture
def bob_in_acme(alice, bob, workspace) -> Membership:
    return Membership.objects.get(user=bob)


@pytest.fixture
def smtp(settings):
    with ScriptedSmtp().running() as server:
        use(settings, server)
        yield server


def put(member: Membership) -> OutgoingMail:
    return put_mail(member, NoticeKind.LIMIT_REACHED, "accounts/mail/notice.txt", CONTEXT)


def make_due() -> None:
    OutgoingMail.objects.update(due_at=now())


def send_all() -> None:
    """Do what the chore does, in this thread: other threads do not see the transaction of a test."""
    while mail := take_mail():
        note_attempt(mail, try_mail(mail))


def test_a_mail_is_sent_once_and_leaves_the_outbox(smtp, bob_in_acme):
    put(bob_in_acme)
    send_all()
    send_all()

    (found,) = smtp.mails
    assert (found["To"], found["Subject"]) == ("bob@example.org", "Acme: A limit is used up.")
    assert "/w/acme/limits/" in found.get_content()
    assert not OutgoingMail.objects.exists()


def test_a_mail_of_a_transaction_that_failed_is_not_sent(bob_in_acme):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        put(bob_in_acme)
        raise ZeroDivisionError
    assert take_mail() is None


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"GREETING": CLOSE}, "closed the connection"),
        ({"GREETING": "554 no service"}, "code 554"),
        ({"RCPT": "450 greylisted"}, "does not take this mail now"),
        ({"MESSAGE": "451 later"}, "does not take this mail now"),
        ({"MESSAGE": CLOSE}, "closed the connection"),
        ({"MAIL": "550 not you"}, "refused the sender"),
    ],
)
def test_a_failure_that_may_pass_is_tried_again(smtp, bob_in_acme, answers, words):
    smtp.answers = answers
    put(bob_in_acme)
    send_all()
    waiting = OutgoingMail.objects.get()
    assert words in waiting.trouble and waiting.given_up_at is None
    assert take_mail() is None

    smtp.answers = {}
    make_due()
    send_all()
    assert len(smtp.mails) == 1 and not OutgoingMail.objects.exists()


@pytest.mark.parametrize("answers", [{"RCPT": "550 no such user"}, {"MESSAGE": "552 too large"}])
def test_a_mail_that_was_refused_for_good_is_given_up_and_admins_are_told(smtp, bob_in_acme, answers):
    smtp.answers = answers
    put(bob_in_acme)
    put(bob_in_acme)
    send_all()

    assert OutgoingMail.objects.exclude(given_up_at=None).count() == 2
    # The unread notice leads to both.
    notice = Notice.objects.get()
    assert (notice.recipient.user.name, notice.link) == ("Alice", "/w/acme/mail/")
    assert Membership.objects.get(user__name="Alice").unread == 1
    assert smtp.mails == []


def test_a_server_that_is_away_is_tried_at_growing_intervals_for_a_day(bob_in_acme):
    mail, delays = put(bob_in_acme), []
    while OutgoingMail.objects.get().given_up_at is None:
        make_due()
        taken, before = take_mail(), now()
        assert taken is not None
        note_attempt(taken, LATER)
        delays.append(round((OutgoingMail.objects.get().due_at - before) / timedelta(minutes=1)))
        # Time passes.
        late = mail.try_until - timedelta(minutes=sum(delays))
        OutgoingMail.objects.update(try_until=late)
    assert delays[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert 24 * 60 <= sum(delays) <= 25 * 60
    assert OutgoingMail.objects.get().trouble == "The mail server does not answer."


def test_a_server_that_hangs_is_cut_off_and_sends_nothing_later(smtp, bob_in_acme, monkeypatch):
    monkeypatch.setattr(send_outgoing_mail, "PATIENCE_SECONDS", 0.3)
    smtp.answers = {"RCPT": [HANG]}
    put(bob_in_acme)
    send_all()
    assert OutgoingMail.objects.get().trouble == "The mail server is too slow. The mail may still arrive."

    make_due()
    send_all()
    assert len(smtp.mails) == 1


def test_exactly_one_process_takes_a_mail(bob_in_acme):
    put(bob_in_acme)
    first = take_mail()
    assert first is not None and take_mail() is None

    # The first process was killed. Its lease ends, and what it would note later changes nothing.
    make_due()
    second = take_mail()
    assert second is not None and second.attempts == 2
    note_attempt(first, LATER)
    assert OutgoingMail.objects.get().trouble == ""
    note_attempt(second, None)
    assert not OutgoingMail.objects.exists()


def test_nobody_gets_mail_who_has_left_or_is_disabled(bob_in_acme):
    put(bob_in_acme)
    bob_in_acme.user.is_active = False
    bob_in_acme.user.save()
    assert take_mail() is None and not OutgoingMail.objects.exists()

    bob_in_acme.user.is_active = True
    bob_in_acme.user.save()
    put(bob_in_acme)
    bob_in_acme.delete()
    assert take_mail() is None


def test_what_was_given_up_is_tried_again_on_request_and_deleted_after_a_week(smtp, bob_in_acme, workspace):
    smtp.answers = {"RCPT": ["550 no such user"]}
    put(bob_in_acme)
    send_all()
    assert try_again(workspace) == 1
    send_all()
    assert len(smtp.mails) == 1

    mail = put(bob_in_acme)
    for days, is_kept in ((6, True), (8, False)):
        OutgoingMail.objects.filter(pk=mail.pk).update(given_up_at=now() - timedelta(days=days))
        purge_mails()
        assert OutgoingMail.objects.exists() is is_kept


@pytest.mark.django_db(transaction=True)
def test_the_chore_sends_what_is_due_and_stops_where_the_server_fails(bob_in_acme, monkeypatch):
    for _ in range(3):
        put(bob_in_acme)
    asyncio.run(chores.send_mail())
    assert len(django_mail.outbox) == 3 and not OutgoingMail.objects.exists()

    for _ in range(3):
        put(bob_in_acme)
    monkeypatch.setattr(chores, "try_mail", lambda mail: LATER)
    asyncio.run(chores.send_mail())
    assert OutgoingMail.objects.filter(attempts=1).count() == 1


@pytest.mark.django_db(transaction=True)
async def test_a_process_that_ends_notes_the_mail_that_it_is_sending(bob_in_acme, monkeypatch):
    begun, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(mail: OutgoingMail) -> None:
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(10)

    # Another thread would keep its connection, and a database in use cannot be dropped.
    await sync_to_async(put)(bob_in_acme)
    monkeypatch.setattr(chores, "try_mail", slowly)
    chore = asyncio.ensure_future(chores.send_mail())
    await begun.wait()
    chore.cancel()
    loop.call_soon(go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await chore
    assert not await OutgoingMail.objects.aexists()
