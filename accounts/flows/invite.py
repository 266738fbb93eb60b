from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.timezone import now

from accounts import audit
from accounts.access import get_membership_for
from accounts.models import AuditAction, Invitation, Role
from accounts.permissions import Action, allows

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import Membership, User, Workspace


def roles_to_give(membership: Membership) -> list[Role]:
    """Return the roles that this member may give to others, from the fewest rights to the most."""
    if not allows(membership.role, Action.MANAGE_PEOPLE):
        return []
    roles = [Role.VIEWER, Role.MEMBER, Role.ADMIN]
    return [*roles, Role.OWNER] if allows(membership.role, Action.MANAGE_OWNERS) else roles


@transaction.atomic
def invite(workspace: Workspace, role: str, note: str, days: int, *, actor: User) -> tuple[Invitation, str]:
    """Create an invitation; return it with the token for its link, which is stored nowhere.

    :raises PermissionDenied: the actor may not give that role.
    :raises Http404: the actor was removed in the meantime.
    """
    # Taking a role away revokes the open invitations; the lock keeps a new one from following.
    workspace.lock()
    if role not in roles_to_give(get_membership_for(actor, workspace.slug)):
        raise PermissionDenied
    invitation = new_invitation(workspace, role, note, days, actor)
    invitation.save()
    audit.record(
        workspace,
        AuditAction.INVITE,
        actor=actor,
        subject=note,
        code=invitation.code,
        after={"role": role, "days": days},
    )
    return invitation, token_of(invitation)


def new_invitation(workspace: Workspace, role: str, note: str, days: int, actor: User) -> Invitation:
    """Build an unsaved invitation."""
    invitation = Invitation(
        workspace=workspace,
        role=role,
        note=note,
        expires_at=now() + timedelta(days=days),
        created_by=actor,
    )
    invitation.token_hash = hash_token(token_of(invitation))
    return invitation


def token_of(invitation: Invitation) -> str:
    """Return the token of an invitation's link: 256 bits that nobody can make without SECRET_KEY.

    It is made anew whenever it is needed, so that mails can wait and be repeated, and nothing that is stored
    opens the link.
    """
    digest = salted_hmac("accounts.invitation", str(invitation.code), algorithm="sha256").digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def link_of(invitation: Invitation) -> str:
    """Return the link of an invitation, for pages and mails that do not have a request."""
    return f"{settings.PUBLIC_ORIGIN}{reverse('accounts:join', args=[token_of(invitation)])}"


def hash_token(token: str) -> str:
    # A fast hash is enough for 256 random bits, and without a salt it can be looked up.
    return hashlib.sha256(token.encode()).hexdigest()


def open_invitations() -> Q:
    return Q(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now())


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, actor: User) -> bool:
    """Make the link unusable; return False if it was used or revoked already."""
    found = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True)
    if not found.update(revoked_at=now()):
        return False
    _record_revoked(invitation, actor)
    return True


def revoke_invitations_by(
    inviter: User, workspace: Workspace, *, actor: User | None, keep: Collection[str] = ()
) -> None:
    """Revoke the open invitations that ``inviter`` created, except those to the roles in ``keep``."""
    found = Invitation.objects.filter(open_invitations(), workspace=workspace, created_by=inviter)
    revoked = list(found.exclude(role__in=keep))
    Invitation.objects.filter(pk__in=[invitation.pk for invitation in revoked]).update(revoked_at=now())
    for invitation in revoked:
        _record_revoked(invitation, actor)


def _record_revoked(invitation: Invitation, actor: User | None) -> None:
    audit.record(
        invitation.workspace_id,
        AuditAction.REVOKE_INVITATION,
        actor=actor,
        subject=invitation.whom,
        code=invitation.code,
        before={"role": invitation.role},
    )
