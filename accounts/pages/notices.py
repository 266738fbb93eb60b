"""The notices of a member, the choice which of them come by mail, and the mails that were not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator

from accounts.access import mails_of
from accounts.models import MailChoice, Membership, Notice, NoticeKind, OutgoingMail
from accounts.notices import NEVER_MAILED, OF_ADMINS, mailed_kinds
from accounts.permissions import ROLES, Action

if TYPE_CHECKING:
    from django.core.paginator import Page
    from django.db.models import QuerySet

    from accounts.models import User, Workspace

PER_PAGE = 40


def notices_page(member: Membership, page: str) -> Page[Notice]:
    """Return a page of a member's notices, the newest first."""
    found = Notice.objects.filter(recipient=member).order_by("-created_at", "-pk")
    return Paginator(found, PER_PAGE).get_page(page or 1)


def newest_of(member: Membership) -> int:
    """Return the key of a member's newest notice; 0 if there is none."""
    newest = Notice.objects.filter(recipient=member).order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def unsent_mails(workspace: Workspace) -> QuerySet[OutgoingMail]:
    """Return the mails of a workspace of which an attempt has failed, the newest first."""
    failed = mails_of(workspace).exclude(trouble="")
    return failed.select_related("recipient__user", "invitation").order_by("-created_at", "-pk")


def mail_choices(user: User) -> list[tuple[str, str]]:
    """Return the kinds of notices that a person may get by mail, with their labels."""
    roles = ROLES[Action.MANAGE_LIMITS]
    is_admin = Membership.objects.filter(user=user, role__in=roles).exists()
    hidden = NEVER_MAILED if is_admin else NEVER_MAILED | OF_ADMINS
    return [(value, label) for value, label in NoticeKind.choices if value not in hidden]


def chosen_mail(user: User) -> list[str]:
    """Return the kinds that come by mail: those that the person chose, or else those of their roles."""
    choice = MailChoice.objects.filter(user=user).first()
    if choice is not None:
        return list(choice.kinds)
    memberships = Membership.objects.filter(user=user).select_related("user")
    return sorted({kind for member in memberships for kind in mailed_kinds(member)})
