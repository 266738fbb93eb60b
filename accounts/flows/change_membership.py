from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import audit
from accounts.access import get_any_membership_for, get_member_of, memberships_of
from accounts.exceptions import MembershipRefused
from accounts.flows.invite import revoke_invitations_by, roles_to_give
from accounts.models import ApiKey, AuditAction, Membership, Role
from accounts.permissions import Action, allows

if TYPE_CHECKING:
    from accounts.models import User


def may_change(manager: Membership, member: Membership) -> bool:
    """Tell whether ``manager`` may give ``member`` another role, or remove them."""
    if member.role == Role.OWNER and not allows(manager.role, Action.MANAGE_OWNERS):
        return False
    return allows(manager.role, Action.MANAGE_PEOPLE)


def manages_sign_in_of(member: Membership, *, actor: User) -> bool:
    """Tell whether somebody may remove a member from each of their workspaces: a sign-in opens all of them.

    :raises PermissionDenied: the actor may not manage this member, or is the member.
    """
    managed = {managed.workspace_id: managed for managed in memberships_of(actor)}
    manager = managed.get(member.workspace_id)
    if manager is None or not may_change(manager, member) or member.user_id == actor.pk:
        raise PermissionDenied
    others = Membership.objects.filter(user=member.user_id).exclude(pk=member.pk)
    return not member.user.is_superuser and all(
        other.workspace_id in managed and may_change(managed[other.workspace_id], other) for other in others
    )


@transaction.atomic
def change_role(member: Membership, role: str, *, actor: User) -> None:
    """Give a member another role, and revoke the invitations that the new role may not give.

    :raises PermissionDenied: only owners make owners or change them.
    :raises MembershipRefused: the workspace would be left without an owner.
    :raises Http404: one of the two was removed in the meantime.
    """
    manager, member = _locked(actor, member)
    if not may_change(manager, member) or role not in roles_to_give(manager):
        raise PermissionDenied
    if role != Role.OWNER:
        _refuse_last_owner(member)
    store_role(member, role, actor=actor)


def store_role(member: Membership, role: str, *, actor: User | None, by: str = "") -> None:
    """Give a member a role for which the caller has asked everything. The workspace is locked.

    :param by: what decided it, if it was not a person.
    """
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    audit.record(
        member.workspace,
        AuditAction.CHANGE_ROLE,
        actor=actor,
        subject=audit.name_of(member.user),
        code=f"user {member.user_id}",
        before={"role": before},
        after={"role": role, **({"by": by} if by else {})},
    )
    revoke_invitations_by(member.user, member.workspace, actor=actor, keep=roles_to_give(member))


@transaction.atomic
def remove_member(member: Membership, *, actor: User) -> None:
    """End a membership, the actor's own or another's. What the member wrote stays; their keys are deleted.

    :raises PermissionDenied: see :func:`may_change`; every member may leave.
    :raises MembershipRefused: the workspace would be left without an owner.
    :raises Http404: one of the two was removed in the meantime.
    """
    manager, member = _locked(actor, member)
    if manager.user_id != member.user_id and not may_change(manager, member):
        raise PermissionDenied
    _refuse_last_owner(member)
    revoke_invitations_by(member.user, member.workspace, actor=actor)
    is_self = manager.user_id == member.user_id
    audit.record(
        member.workspace,
        AuditAction.LEAVE if is_self else AuditAction.REMOVE_MEMBER,
        actor=actor,
        subject="" if is_self else audit.name_of(member.user),
        code=f"user {member.user_id}",
        before={"role": member.role},
    )
    ApiKey.objects.filter(workspace=member.workspace, member=member.user).delete()
    member.delete()


def _locked(actor: User, member: Membership) -> tuple[Membership, Membership]:
    """Lock the workspace; return the actor's membership and the member's as they are now.

    Without the lock, two owners who step down at the same moment would each see the other as an owner,
    and an actor who has just lost a role could still use it.
    """
    workspace = member.workspace
    workspace.lock()
    # A member without a required second factor may still leave.
    return get_any_membership_for(actor, workspace.slug), get_member_of(workspace, member.pk)


def is_last_owner(member: Membership) -> bool:
    owners = Membership.objects.filter(workspace=member.workspace, role=Role.OWNER)
    return member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists()


def _refuse_last_owner(member: Membership) -> None:
    if is_last_owner(member):
        raise MembershipRefused(
            f"{member.user.display_name} is the only owner of {member.workspace}. "
            "Make another member an owner first."
        )
