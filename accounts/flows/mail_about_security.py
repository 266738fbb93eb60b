from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from accounts.access import current_membership
from accounts.models import NoticeKind
from accounts.origins import current_origin
from accounts.outbox import put_mail

if TYPE_CHECKING:
    from accounts.models import User


def mail_about_security(user: User, text: str) -> None:
    """Tell a person by mail what was changed about their sign-in, within the caller's transaction.

    Such mails cannot be switched off: they are how somebody notices that another person is in the account.
    """
    membership = current_membership(user)
    # The outbox belongs to workspaces. Somebody without one has nothing to protect.
    if membership is None:
        return
    context = {
        "person": user,
        "text": text,
        "address": current_origin() or "unknown",
        "link": f"{settings.PUBLIC_ORIGIN}{reverse('accounts:security')}",
    }
    put_mail(membership, NoticeKind.SECURITY, "accounts/mail/security.txt", context)
