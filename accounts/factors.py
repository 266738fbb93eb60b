"""Second factors: who has one, and in which words.

django-allauth stores a factor as an ``Authenticator``: the secret of an authenticator app, the seed of all
recovery codes, or the public key of a passkey.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from accounts.models import Membership, User, Workspace

Type = Authenticator.Type
# These are asked for at a sign-in. Recovery codes stand in for one that is lost.
MAIN = (Type.TOTP, Type.WEBAUTHN)
WORDS = {
    Type.TOTP.value: "authenticator app",
    Type.WEBAUTHN.value: "passkey",
    Type.RECOVERY_CODES.value: "recovery code",
}


def main_factors(user: User) -> QuerySet[Authenticator]:
    """Return the authenticator app and the passkeys of a person."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type__in=MAIN)
    return found


def has_factor(user: User) -> bool:
    return main_factors(user).exists()


def people_with_factors(users: Iterable[int]) -> set[int]:
    """Return those of the people, given by their keys, who have a second factor."""
    found = Authenticator.objects.filter(user__in=list(users), type__in=MAIN)
    return set(found.values_list("user", flat=True))


class SecondFactorRequired(PermissionDenied):
    """A refusal of a member without a second factor, in a workspace that requires one."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(f"{workspace} requires a second factor.")
        self.workspace = workspace


def require_factor(membership: Membership) -> None:
    """Refuse a member who lacks the second factor that their workspace requires.

    :raises SecondFactorRequired: the answer leads them to add one.
    """
    if membership.workspace.requires_factor and not has_factor(membership.user):
        raise SecondFactorRequired(membership.workspace)


def name_of_factor(authenticator: Authenticator) -> str:
    """Return the kind of a factor, with the name that its owner gave to a passkey."""
    words = WORDS[authenticator.type]
    return f"{words} “{authenticator.wrap().name}”" if authenticator.type == Type.WEBAUTHN else words


def ways_of(request: HttpRequest, user: User) -> list[str]:
    """Return how a person has proved in this session who they are: "password", "authenticator app"."""
    records: list[dict[str, Any]] = get_authentication_records(request, user)
    ways = (WORDS.get(each.get("type", "")) or each.get("provider") or each["method"] for each in records)
    return list(dict.fromkeys(ways))


def codes_left(authenticator: Authenticator) -> int:
    """Count the recovery codes that were not used."""
    return int(app_settings.RECOVERY_CODE_COUNT) - int(authenticator.data["used_mask"]).bit_count()
