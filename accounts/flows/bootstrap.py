from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils.text import slugify

from accounts.models import Membership, Role, User, Workspace

# Without the letters and digits that are taken for one another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class FirstSignIn:
    """Who can sign in. ``password`` is there only when it was made just now."""

    email: str
    password: str = ""


@transaction.atomic
def bootstrap(email: str, password: str, workspace_name: str) -> FirstSignIn:
    """Make the first workspace and its owner, unless some workspace has an owner.

    An empty ``password`` is made up. Of somebody who exists already it is left alone.

    :raises ValidationError: the password is too easy, or the address is none.
    """
    owner = Membership.objects.filter(role=Role.OWNER).select_related("user").order_by("pk").first()
    if owner is not None:
        return FirstSignIn(owner.user.email)
    workspace = Workspace.objects.order_by("pk").first() or Workspace.objects.create(
        name=workspace_name, slug=slugify(workspace_name)[:60] or "team"
    )
    email = email.lower()
    user = User.objects.filter(email=email).first()
    made = ""
    if user is None:
        made = "" if password else make_password()
        user = _create(email, password or made)
    Membership.objects.update_or_create(workspace=workspace, user=user, defaults={"role": Role.OWNER})
    return FirstSignIn(email, made)


def make_password() -> str:
    """Four groups of four: 79 bits, easy to type.

    >>> len(make_password())
    19
    """
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def _create(email: str, password: str) -> User:
    user = User(email=email)
    user.set_password(password)
    user.clean_fields(exclude=["name"])
    validate_password(password, user)
    user.save()
    return user
