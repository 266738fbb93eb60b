from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from accounts.addresses import is_confirmed
from accounts.passwords import may_use_password

if TYPE_CHECKING:
    from accounts.models import User


def ways_to_sign_in(user: User) -> dict[str, Any]:
    """Return what the profile says about how its owner signs in."""
    linked = set(SocialAccount.objects.filter(user=user).values_list("provider", flat=True))
    may_have_password = may_use_password(user.email)
    return {
        "identities": [each for each in settings.IDENTITY_PROVIDERS if each.code in linked],
        "may_have_password": may_have_password,
        "has_password": may_have_password and user.has_usable_password(),
        "is_confirmed": is_confirmed(user),
    }
