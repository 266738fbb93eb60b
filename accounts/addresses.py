"""Confirmed e-mail addresses: somebody has shown that they read the mail which is sent there.

allauth's table has a row for each confirmed address and none for others, since allauth takes an unconfirmed
one as a reason to refuse a second factor. The address of a user is confirmed if it has a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress

if TYPE_CHECKING:
    from accounts.models import User


def is_confirmed(user: User) -> bool:
    confirmed: bool = EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists()
    return confirmed


def confirm_address(user: User) -> None:
    """Store that the user's present address is confirmed, and forget those of before."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
