"""Notices: what members of a workspace are told in the product, and by mail as they choose.

A notice is written in the transaction that causes it. The number of a member's unread notices is kept in
their membership, which every page reads anyway. It changes only here, under a lock of the membership.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.dispatch import Signal
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import Membership, Notice, NoticeKind
from accounts.outbox import put_mail
from accounts.permissions import ROLES, Action, allows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from accounts.models import Workspace

# Sent after the commit with ``users``, the keys of the people whose notices have changed.
notices_changed = Signal()

# A notice about a mail must not cause another mail. One about the sign-in comes with a mail of its own, which
# nobody can switch off: see accounts.flows.mail_about_security.
NEVER_MAILED = frozenset({NoticeKind.MAIL_FAILED, NoticeKind.SECURITY})
# The kinds that only admins get.
OF_ADMINS = frozenset({NoticeKind.MAIL_FAILED, NoticeKind.RAISE_ASKED})
_MAILED_TO_ADMINS = frozenset({NoticeKind.LIMIT_REACHED, NoticeKind.RAISE_ASKED, NoticeKind.KEY_EXPIRES})
_LONGEST = 500


def admins_of(workspace: Workspace | int) -> QuerySet[Membership]:
    """Return the memberships of those who manage the limits of a workspace."""
    return Membership.objects.filter(workspace=workspace, role__in=ROLES[Action.MANAGE_LIMITS])


def tell(
    recipients: Iterable[Membership],
    kind: NoticeKind,
    text: str,
    link: str,
    link_words: str,
    *,
    about: str = "",
) -> None:
    """Write a notice for each of these members, within the caller's transaction.

    :param link: a path of this server, for a button with ``link_words``.
    :param about: a mark of what it is about, by which a caller finds earlier notices.
    """
    # Locks are taken in one order, which prevents deadlocks between two that tell the same people.
    locked = Membership.objects.select_for_update(of=("self",), no_key=True).filter(
        pk__in=[member.pk for member in recipients], user__is_active=True
    )
    members = list(locked.select_related("user__mail_choice", "workspace").order_by("pk"))
    Notice.objects.bulk_create(
        Notice(
            recipient=member,
            kind=kind,
            text=text[:_LONGEST],
            link=link,
            link_words=link_words,
            about=about,
        )
        for member in members
    )
    Membership.objects.filter(pk__in=[member.pk for member in members]).update(unread=F("unread") + 1)
    for member in members:
        if kind in mailed_kinds(member):
            put_mail(member, kind, "accounts/mail/notice.txt", _mail_context(member, text, link))
    announce(member.user_id for member in members)


def withdraw(about: str, kind: NoticeKind) -> None:
    """Mark notices as read, whoever has them, since there is nothing left to do about them."""
    unread = Notice.objects.filter(about=about, kind=kind, read_at=None)
    mark_read(Membership.objects.filter(notices__in=unread), unread)


def mark_read(members: QuerySet[Membership], notices: QuerySet[Notice]) -> None:
    """Mark those of the notices as read that these members have, within the caller's transaction."""
    # The lock keeps a notice that is written at the same moment from being missed in the number.
    locked = Membership.objects.select_for_update(no_key=True).filter(pk__in=members.values("pk"))
    readers = list(locked.order_by("pk"))
    notices.filter(recipient__in=readers, read_at=None).update(read_at=now())
    for reader in readers:
        unread = Notice.objects.filter(recipient=reader, read_at=None).count()
        Membership.objects.filter(pk=reader.pk).update(unread=unread)
    announce(reader.user_id for reader in readers)


def announce(users: Iterable[int]) -> None:
    """Send :data:`notices_changed` after the commit."""
    if people := sorted(set(users)):
        transaction.on_commit(partial(notices_changed.send, sender=None, users=people))


def mailed_kinds(member: Membership) -> frozenset[str]:
    """Return the kinds of notices that a member also gets by mail, by their choice or else by their role."""
    choice = getattr(member.user, "mail_choice", None)
    if choice is not None:
        return frozenset(choice.kinds) - NEVER_MAILED
    return _MAILED_TO_ADMINS if allows(member.role, Action.MANAGE_LIMITS) else frozenset()


def _mail_context(member: Membership, text: str, link: str) -> dict[str, str]:
    origin = settings.PUBLIC_ORIGIN
    return {
        "workspace": member.workspace.name,
        "text": text,
        "link": f"{origin}{link}",
        "profile": f"{origin}{reverse('accounts:profile')}",
    }
