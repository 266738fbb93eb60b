"""The rule for passwords: everybody may sign in with one, or only the account that the settings name."""

from __future__ import annotations

from django.conf import settings


def may_use_password(address: str) -> bool:
    """Tell whether the account with this address may sign in with a password.

    The account of ADMIN_EMAIL always may: an identity provider that is down must not lock everybody out.
    """
    is_admin: bool = address.lower() == settings.ADMIN_EMAIL.lower()
    return is_admin or bool(settings.PASSWORD_SIGN_IN)
