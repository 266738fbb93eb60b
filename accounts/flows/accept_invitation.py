from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from accounts.exceptions import InvitationUnusable, WhyUnusable
from accounts.flows.invite import hash_token, open_invitations
from accounts.models import Invitation, Membership, User

if TYPE_CHECKING:
    from accounts.models import Workspace


def find_invitation(token: str) -> Invitation:
    """
    :raises InvitationUnusable: there is none for this link, or it is used, revoked or too old.
    """
    invitation = (
        Invitation.objects.select_related("workspace", "created_by")
        .filter(token_hash=hash_token(token))
        .first()
    )
    if invitation is None:
        raise InvitationUnusable(WhyUnusable.UNKNOWN)
    if invitation.accepted_at:
        raise InvitationUnusable(WhyUnusable.USED)
    if invitation.revoked_at:
        raise InvitationUnusable(WhyUnusable.REVOKED)
    if invitation.expires_at <= now():
        raise InvitationUnusable(WhyUnusable.EXPIRED)
    return invitation


def is_member(user: User, workspace: Workspace) -> bool:
    return Membership.objects.filter(user=user, workspace=workspace).exists()


@transaction.atomic
def accept_invitation(invitation: Invitation, user: User) -> Membership:
    """Make ``user`` a member, and the link unusable. Whoever is a member stays what they are.

    :raises InvitationUnusable: somebody else was quicker, or it was revoked meanwhile.
    """
    membership = Membership.objects.filter(workspace=invitation.workspace, user=user).first()
    if membership is not None:
        return membership
    # Of two who follow one link at the same moment, only one matches a row.
    found = Invitation.objects.filter(open_invitations(), pk=invitation.pk)
    if not found.update(accepted_by=user, accepted_at=now()):
        raise InvitationUnusable(WhyUnusable.USED)
    return Membership.objects.create(workspace=invitation.workspace, user=user, role=invitation.role)


@transaction.atomic
def accept_as_new_person(invitation: Invitation, email: str, name: str, password: str) -> User:
    """Create the account and the membership, both or neither.

    :raises InvitationUnusable: see :func:`accept_invitation`; no account is left behind.
    """
    user = User.objects.create_user(email, password, name=name)
    accept_invitation(invitation, user)
    return user
