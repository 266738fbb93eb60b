from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from accounts.access import get_member_of
from accounts.models import Invitation, Role
from accounts.permissions import Action, allows

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import Membership, User, Workspace


def roles_to_give(membership: Membership) -> list[Role]:
    """The roles that this member may give to others, the most usual first."""
    if not allows(membership.role, Action.MANAGE_PEOPLE):
        return []
    roles = [Role.MEMBER, Role.VIEWER, Role.ADMIN]
    return [*roles, Role.OWNER] if allows(membership.role, Action.MANAGE_OWNERS) else roles


@transaction.atomic
def invite(inviter: Membership, role: str, note: str, days: int) -> tuple[Invitation, str]:
    """Make an invitation; return it with the token for its link, which is kept nowhere.

    :raises PermissionDenied: the inviter may not give that role.
    :raises Http404: they have been removed meanwhile.
    """
    # Whoever takes a role away closes the links that are there; none may come after.
    inviter.workspace.lock()
    inviter = get_member_of(inviter.workspace, inviter.pk)
    if role not in roles_to_give(inviter):
        raise PermissionDenied
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        workspace=inviter.workspace,
        role=role,
        note=note,
        token_hash=hash_token(token),
        expires_at=now() + timedelta(days=days),
        created_by=inviter.user,
    )
    return invitation, token


def hash_token(token: str) -> str:
    # 256 random bits cannot be guessed from a fast hash, and this one can be looked up.
    return hashlib.sha256(token.encode()).hexdigest()


def open_invitations() -> Q:
    return Q(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now())


def revoke_invitation(invitation: Invitation) -> bool:
    """Close the link; False if it has been used or closed already."""
    found = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True)
    return bool(found.update(revoked_at=now()))


def revoke_invitations_by(user: User, workspace: Workspace, *, but: Collection[str] = ()) -> None:
    """Close what somebody handed out who may not hand it out any more: all but the roles in ``but``."""
    found = Invitation.objects.filter(open_invitations(), workspace=workspace, created_by=user)
    found.exclude(role__in=but).update(revoked_at=now())
