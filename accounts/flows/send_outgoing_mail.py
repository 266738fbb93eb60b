"""Sending the mails of the outbox, one at a time, by whichever process takes it first.

A process takes a mail with a lease, sends it and deletes it. A process that is killed after the mail server
has accepted the mail and before the row is deleted leaves it to another, which sends it again: the mail may
arrive twice then. The other order would lose it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import now

from accounts.access import mails_of
from accounts.exceptions import MailFailed
from accounts.flows.invite import link_of
from accounts.flows.send_invitation import words_of_invitation
from accounts.mail import deliver
from accounts.models import Notice, NoticeKind, OutgoingMail
from accounts.notices import admins_of, tell

if TYPE_CHECKING:
    from accounts.models import Workspace

# A connection is cut after this time, which must end before the lease does.
PATIENCE_SECONDS = 120.0
LEASE = timedelta(minutes=5)
_FIRST_DELAY, _LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=1)
_KEPT = timedelta(days=7)
# Another process may have taken the first ones.
_MOST_TRIED = 10
_ADDRESSEE = (
    *("recipient__user", "recipient__workspace"),
    *("invitation__workspace", "invitation__created_by"),
)


def take_mail() -> OutgoingMail | None:
    """Take the mail that is due first, with a lease; return None if none is due."""
    moment = now()
    due = OutgoingMail.objects.filter(given_up_at=None, due_at__lte=moment).order_by("due_at", "pk")
    for mail in due.select_related(*_ADDRESSEE)[:_MOST_TRIED]:
        if not _is_wanted(mail):
            mail.delete()
            continue
        same = OutgoingMail.objects.filter(pk=mail.pk, attempts=mail.attempts, given_up_at=None)
        mail.attempts += 1
        # The update is conditional, so exactly one process takes a mail.
        if same.update(attempts=mail.attempts, due_at=moment + LEASE):
            if mail.invitation is not None:
                # The text has the link, so it is never stored.
                mail.subject, mail.text = words_of_invitation(mail.invitation, link_of(mail.invitation))
            return mail
    return None


def _is_wanted(mail: OutgoingMail) -> bool:
    """Tell whether a mail is still for somebody: they have not left, and their invitation can be used."""
    if mail.recipient is not None:
        return mail.recipient.user.is_active and not mail.recipient.is_suspended
    invitation = mail.invitation
    if invitation is None or invitation.accepted_at or invitation.revoked_at:
        return False
    return invitation.expires_at > now() and invitation.workspace.deleted_at is None


def try_mail(mail: OutgoingMail) -> MailFailed | None:
    """Send a mail that this process has taken. Blocks for up to ``PATIENCE_SECONDS``; uses no database."""
    message = EmailMessage(mail.subject, mail.text, to=[mail.address])
    try:
        deliver(f"{mail.kind} {mail.code}", message, PATIENCE_SECONDS)
    except MailFailed as failure:
        return failure
    return None


@transaction.atomic
def note_attempt(mail: OutgoingMail, failure: MailFailed | None) -> None:
    """Delete a mail that was sent; plan the next attempt of one that was not, or give it up."""
    if failure is None:
        OutgoingMail.objects.filter(pk=mail.pk).delete()
        return
    moment = now()
    due_at = moment + min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** (mail.attempts - 1))
    is_given_up = failure.is_final or due_at > mail.try_until
    same = OutgoingMail.objects.filter(pk=mail.pk, attempts=mail.attempts, given_up_at=None)
    changed = same.update(
        due_at=due_at, trouble=failure.text[:200], given_up_at=moment if is_given_up else None
    )
    if changed and is_given_up:
        _tell_admins(mail.workspace)


def _tell_admins(workspace: Workspace) -> None:
    # An unread notice leads to the list of all. A mail server that is away for a day would cause many.
    told = Notice.objects.filter(kind=NoticeKind.MAIL_FAILED, read_at=None)
    tell(
        admins_of(workspace).exclude(notices__in=told),
        NoticeKind.MAIL_FAILED,
        "A mail of this workspace could not be sent.",
        reverse("accounts:mail", args=[workspace.slug]),
        "See unsent mail",
    )


def try_again(workspace: Workspace) -> int:
    """Make all mails of a workspace that were not sent due now, for another day; return how many."""
    moment = now()
    failed = mails_of(workspace).exclude(trouble="")
    # The lease of a mail that is being sent must not be shortened.
    waiting = failed.exclude(given_up_at=None, due_at__lte=moment + LEASE)
    return waiting.update(given_up_at=None, due_at=moment, try_until=moment + timedelta(days=1), attempts=0)


def purge_mails() -> None:
    """Delete mails that were given up a while ago."""
    OutgoingMail.objects.filter(given_up_at__lt=now() - _KEPT).delete()
