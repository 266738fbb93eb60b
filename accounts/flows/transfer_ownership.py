from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts import audit
from accounts.access import get_membership_for, require
from accounts.exceptions import MembershipRefused
from accounts.flows.invite import revoke_invitations_by, roles_to_give
from accounts.models import AuditAction, Membership, Role
from accounts.permissions import Action

if TYPE_CHECKING:
    from accounts.models import User, Workspace


@transaction.atomic
def transfer_ownership(workspace: Workspace, address: str, *, actor: User) -> Membership:
    """Make another member an owner and the actor an admin, both or neither; return the new owner.

    :raises PermissionDenied: the actor is no owner any more.
    :raises MembershipRefused: no other member has this address.
    """
    workspace.lock()
    owner = get_membership_for(actor, workspace.slug)
    require(owner, Action.MANAGE_OWNERS)
    members = Membership.objects.select_related("user").filter(workspace=workspace)
    member = members.filter(user__email=address.lower()).first()
    if member is None:
        raise MembershipRefused(f"Nobody in {workspace} has the address {address}. Invite them first.")
    if member.user_id == actor.pk:
        raise MembershipRefused("This is your own address. Enter that of the person who takes over.")
    member.role, owner.role = Role.OWNER, Role.ADMIN
    member.save(update_fields=["role"])
    owner.save(update_fields=["role"])
    audit.record(
        workspace,
        AuditAction.TRANSFER_OWNERSHIP,
        actor=actor,
        subject=audit.name_of(member.user),
        code=f"user {member.user_id}",
        after={"owner": audit.name_of(member.user), "role_of_actor": Role.ADMIN},
    )
    revoke_invitations_by(actor, workspace, actor=actor, keep=roles_to_give(owner))
    return member
