"""The outbox: mails that are stored with what they are about, and sent later by any process.

A mail is written in the transaction that causes it, so it is sent exactly if that is committed. Links of
invitations and for new passwords are secrets and are not stored here. ``accounts.mail.send_mail`` sends them
at once; the mail of an invitation that waits gets its text and its link when it is sent.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.timezone import now

from accounts.mail import compose
from accounts.models import INVITATION, OutgoingMail

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from accounts.models import Invitation, Membership

# A mail that was not sent by then is given up.
TRIED_FOR = timedelta(days=1)
_LONGEST_SUBJECT = 300


def put_invitations(invitations: Collection[Invitation]) -> None:
    """Store the mails of invitations, within the caller's transaction. One that still waits is replaced."""
    OutgoingMail.objects.filter(invitation__in=invitations).delete()
    until = now() + TRIED_FOR
    OutgoingMail.objects.bulk_create(
        OutgoingMail(invitation=invitation, kind=INVITATION, try_until=until) for invitation in invitations
    )


def put_mail(recipient: Membership, kind: str, template: str, context: Mapping[str, Any]) -> OutgoingMail:
    """Store the mail of a template for a member, within the caller's transaction."""
    subject, text = compose(template, context)
    return OutgoingMail.objects.create(
        recipient=recipient,
        kind=kind,
        subject=subject[:_LONGEST_SUBJECT],
        text=text,
        try_until=now() + TRIED_FOR,
    )
