from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from accounts.addresses import confirm_address
from accounts.flows.create_workspace import add_workspace
from accounts.flows.edit_workspace import WorkspaceFields
from accounts.models import Membership, Role, User, Workspace
from accounts.names import one_line

# The alphabet lacks characters that are easily confused: i, l, o, 0 and 1.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class FirstSignIn:
    """The account to sign in with. ``password`` is empty unless it was generated just now."""

    email: str
    password: str = ""


@transaction.atomic
def bootstrap(email: str, password: str, workspace_name: str) -> FirstSignIn:
    """Create the first workspace and its owner, unless a workspace has an owner.

    An empty ``password`` is generated. The password of an existing user stays.

    :raises ValidationError: the password is too weak, or the address is invalid.
    """
    email = email.lower()
    # The owner of a deleted workspace can sign in and restore it.
    owner = Membership.with_suspended.filter(role=Role.OWNER).select_related("user").order_by("pk").first()
    if owner is not None:
        if owner.user.email == email:
            # The variable vouches for the address. Earlier versions did not store that.
            confirm_address(owner.user)
        return FirstSignIn(owner.user.email)
    found = Workspace.objects.filter(deleted_at=None).order_by("pk").first()
    workspace = found or add_workspace(WorkspaceFields(one_line(workspace_name)))
    user = User.objects.filter(email=email).first()
    generated = ""
    if user is None:
        generated = "" if password else generate_password()
        user = _create(email, password or generated)
    confirm_address(user)
    Membership.objects.update_or_create(workspace=workspace, user=user, defaults={"role": Role.OWNER})
    return FirstSignIn(email, generated)


def generate_password() -> str:
    """Generate a password of four groups of four characters: 79 bits, easy to type.

    >>> len(generate_password())
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
