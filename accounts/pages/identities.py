from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from accounts.addresses import is_confirmed
from accounts.passwords import may_use_password

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.identity_providers import IdentityProvider
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


def providers_to_confirm_with(request: HttpRequest, user: User) -> list[IdentityProvider]:
    """Return the identity providers with one of which the person must sign in again; empty if with none.

    allauth asks for a password, a code or a passkey once more, and lets everybody pass who has none of them:
    those must have come from a provider of theirs a moment ago.
    """
    linked: list[IdentityProvider] = ways_to_sign_in(user)["identities"]
    if not linked or get_reauthentication_flows(user):
        return []
    last = max((record["at"] for record in get_authentication_records(request, user)), default=0.0)
    return [] if time.time() - last < app_settings.REAUTHENTICATION_TIMEOUT else linked
