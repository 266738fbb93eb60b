from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.core import ratelimit
from django.conf import settings

from accounts.exceptions import MailFailed

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest


def require_mail(request: AuthenticatedHttpRequest) -> None:
    """Count one mail that a user sends through the server.

    :raises MailFailed: no mail server is set up, or the user has sent too many mails.
    """
    if not settings.HAS_MAIL:
        raise MailFailed("This server cannot send mail. Copy the link instead.")
    if not ratelimit.consume(request, action="mail", user=request.user):
        raise MailFailed("You have sent too many mails. Try again in an hour, or copy the link.")
