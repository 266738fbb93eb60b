"""A link with which a person who forgot their password sets a new one.

The link holds Django's own token, signed over the password and the time of the last sign-in, so nothing is
stored and the link ends with its first use, with any sign-in, and after PASSWORD_RESET_TIMEOUT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.http import base36_to_int, int_to_base36

from accounts import audit
from accounts.exceptions import MembershipRefused, ResetUnusable
from accounts.flows.change_membership import manages_sign_in_of
from accounts.models import AuditAction, User
from accounts.passwords import may_use_password

if TYPE_CHECKING:
    from typing import Any

    from accounts.models import Membership


def make_reset_code(user: User) -> str:
    """Return the code of a link for this user: their number and a token, joined by a dash."""
    return f"{int_to_base36(user.pk)}-{default_token_generator.make_token(user)}"


def make_reset_code_for(member: Membership, *, actor: User) -> str:
    """Return the code of a link for a member, on behalf of somebody who manages them.

    Whoever has the link can sign in as that person, in all of their workspaces. So the actor has to be
    somebody who could remove them from each.

    :raises PermissionDenied: the actor may not manage this member, or is the member.
    :raises MembershipRefused: the member also belongs to a workspace that the actor does not manage.
    """
    if not may_use_password(member.user.email):
        raise MembershipRefused(f"{member.user.display_name} signs in without a password on this server.")
    if not manages_sign_in_of(member, actor=actor):
        raise MembershipRefused(
            f"Only the person who runs this server can make a link for {member.user.display_name}: it "
            f"opens more than this workspace. The command is: manage.py reset_password {member.user.email}"
        )
    audit.record(
        member.workspace,
        AuditAction.MAKE_PASSWORD_LINK,
        actor=actor,
        subject=audit.name_of(member.user),
        code=f"user {member.user_id}",
    )
    return make_reset_code(member.user)


def find_user_to_reset(code: str) -> User:
    """Return the user whose link has this code.

    :raises ResetUnusable: the link was used or has expired, or there is none like it.
    """
    return _checked(code, User.objects.all())


@transaction.atomic
def reset_password(code: str, password: str) -> User:
    """Give the user of a link a new password, which ends the link and the user's sessions.

    :raises ResetUnusable: see :func:`find_user_to_reset`; two people with one link cannot both use it.
    """
    user = _checked(code, User.objects.select_for_update())
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record_everywhere(user, AuditAction.RESET_PASSWORD, actor=user)
    return user


def _checked(code: str, users: Any) -> User:
    number, _, token = code.partition("-")
    try:
        user = users.filter(pk=base36_to_int(number), is_active=True).first()
    except (ValueError, OverflowError):
        user = None
    if user is None or not default_token_generator.check_token(user, token):
        raise ResetUnusable
    if not may_use_password(user.email):
        raise ResetUnusable
    found: User = user
    return found
