from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.flows.reset_password import make_reset_code
from accounts.mail import send_in_background
from accounts.models import AuditAction, User
from accounts.passwords import may_use_password


def ask_for_reset(address: str) -> None:
    """Mail a link for a new password to an address that has an account with a password.

    Nothing is returned, and nothing waits for the mail server: neither tells whether there is an account.
    """
    user = User.objects.filter(email=address.lower(), is_active=True).first()
    if user is None or not user.has_usable_password() or not may_use_password(user.email):
        return
    with transaction.atomic():
        audit.record_everywhere(user, AuditAction.ASK_FOR_PASSWORD, actor=None)
    path = reverse("accounts:reset_password", args=[make_reset_code(user)])
    context = {"person": user, "link": f"{settings.PUBLIC_ORIGIN}{path}"}
    send_in_background("accounts/mail/password_asked.txt", context, user.email)
