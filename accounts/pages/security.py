"""The second factors of a person, as the page of their security shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator

from accounts.factors import Type, codes_left, has_factor, people_with_factors
from accounts.models import Membership
from accounts.permissions import Action, allows

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User


@dataclass(frozen=True, slots=True)
class ShownPasskey:
    number: int
    name: str
    # Whether it also signs in without the password.
    is_enough: bool
    created_at: datetime
    last_used_at: datetime | None


@dataclass(slots=True)
class Factors:
    """``app`` is None without an authenticator app, and ``codes`` without recovery codes."""

    app: Authenticator | None = None
    passkeys: list[ShownPasskey] = field(default_factory=list)
    codes: int | None = None

    @property
    def is_any(self) -> bool:
        return bool(self.app or self.passkeys)


def factors_of(user: User) -> Factors:
    found = Factors()
    for each in Authenticator.objects.filter(user=user).order_by("created_at", "pk"):
        if each.type == Type.TOTP:
            found.app = each
        elif each.type == Type.RECOVERY_CODES:
            found.codes = codes_left(each)
        else:
            passkey = each.wrap()
            shown = passkey.name, bool(passkey.is_passwordless), each.created_at, each.last_used_at
            found.passkeys.append(ShownPasskey(each.pk, *shown))
    return found


def factor_rule(membership: Membership) -> dict[str, Any]:
    """Return what the settings of a workspace say about the rule, for its template."""
    people = list(Membership.objects.filter(workspace=membership.workspace).values_list("user", flat=True))
    return {
        "factor_rule": {
            "can_set": allows(membership.role, Action.SET_FACTOR_RULE),
            "people": len(people),
            "without": len(people) - len(people_with_factors(people)),
            "is_protected": has_factor(membership.user),
        }
    }
