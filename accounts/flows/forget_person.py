from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from accounts.models import ApiKey, BrowserSession, MailChoice, Membership

if TYPE_CHECKING:
    from accounts.models import User

NAME = "A former member"


def forget_person(user: User) -> None:
    """Remove who the user is, and every way to sign in, within the caller's transaction.

    Their row stays for what refers to it. Its address can receive no mail: RFC 2606 reserves its domain.
    """
    for model in (SocialAccount, EmailAddress, Authenticator, BrowserSession, MailChoice):
        model.objects.filter(user=user).delete()
    ApiKey.objects.filter(member=user).delete()
    # Memberships of deleted workspaces, which could be restored, are among them.
    Membership._base_manager.filter(user=user).delete()
    user.email, user.name, user.is_active = f"former-{user.pk}@deleted.invalid", NAME, False
    user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()
