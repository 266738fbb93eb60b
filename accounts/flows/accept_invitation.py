from __future__ import annotations

from django.db import transaction
from django.utils.timezone import now

from accounts import audit
from accounts.exceptions import InvitationUnusable, WhyUnusable
from accounts.flows.invite import hash_token, open_invitations
from accounts.flows.remember_workspace import remember_workspace
from accounts.models import AuditAction, Invitation, Membership, User, Workspace


def find_invitation(token: str) -> Invitation:
    """Return the open invitation that a link's token belongs to.

    :raises InvitationUnusable: there is none for this link, or it is used, revoked or expired.
    """
    invitation = (
        Invitation.objects.select_related("workspace", "created_by")
        .filter(token_hash=hash_token(token))
        .first()
    )
    if invitation is None:
        raise InvitationUnusable(WhyUnusable.UNKNOWN)
    if invitation.workspace.deleted_at:
        raise InvitationUnusable(WhyUnusable.CLOSED)
    if invitation.accepted_at:
        raise InvitationUnusable(WhyUnusable.USED)
    if invitation.revoked_at:
        raise InvitationUnusable(WhyUnusable.REVOKED)
    if invitation.expires_at <= now():
        raise InvitationUnusable(WhyUnusable.EXPIRED)
    return invitation


def is_for(invitation: Invitation, address: str) -> bool:
    """Tell whether the owner of an address may accept an invitation."""
    return invitation.email in ("", address.lower())


def is_member(user: User, workspace: Workspace) -> bool:
    return Membership.objects.filter(user=user, workspace=workspace).exists()


@transaction.atomic
def accept_invitation(invitation: Invitation, *, actor: User) -> Membership:
    """Make the actor a member and the link unusable; a member keeps their role, and the link stays usable.

    They join the groups that it names. An invitation for one address is for nobody else.

    :raises InvitationUnusable: the link is not for the actor, or was used or revoked in the meantime.
    """
    # Without the lock, a deletion at the same moment would miss the new membership.
    if not invitation.workspace.lock_if_open():
        raise InvitationUnusable(WhyUnusable.CLOSED)
    membership = Membership.objects.filter(workspace=invitation.workspace, user=actor).first()
    if membership is not None:
        return membership
    if not is_for(invitation, actor.email):
        raise InvitationUnusable(WhyUnusable.OTHER)
    # The update is conditional: if two people follow one link at the same moment, it matches for one.
    found = Invitation.objects.filter(open_invitations(), pk=invitation.pk)
    if not found.update(accepted_by=actor, accepted_at=now()):
        raise InvitationUnusable(WhyUnusable.USED)
    member = Membership.objects.create(workspace=invitation.workspace, user=actor, role=invitation.role)
    groups = list(invitation.groups.all())
    member.groups.add(*groups)
    remember_workspace(member)
    audit.record(
        invitation.workspace,
        AuditAction.JOIN,
        actor=actor,
        code=f"user {actor.pk}",
        after={
            "role": invitation.role,
            "invitation": invitation.whom,
            **({"groups": [group.name for group in groups]} if groups else {}),
        },
    )
    return member


@transaction.atomic
def accept_as_new_person(invitation: Invitation, email: str, name: str, password: str) -> User:
    """Create an account and its membership, both or neither. The new user is the actor.

    :raises InvitationUnusable: see :func:`accept_invitation`; no account is left behind.
    """
    user = User.objects.create_user(email, password, name=name)
    accept_invitation(invitation, actor=user)
    return user
