from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access import get_member_of
from accounts.exceptions import MembershipRefused
from accounts.flows.invite import revoke_invitations_by, roles_to_give
from accounts.models import ApiKey, Membership, Role
from accounts.permissions import Action, allows


def may_change(actor: Membership, member: Membership) -> bool:
    """Whether ``actor`` may give ``member`` another role, or remove them."""
    if member.role == Role.OWNER and not allows(actor.role, Action.MANAGE_OWNERS):
        return False
    return allows(actor.role, Action.MANAGE_PEOPLE)


@transaction.atomic
def change_role(actor: Membership, member: Membership, role: str) -> None:
    """
    :raises PermissionDenied: only owners make owners or change them.
    :raises MembershipRefused: the workspace would be left without an owner.
    :raises Http404: one of the two has been removed meanwhile.
    """
    actor, member = _locked(actor, member)
    if not may_change(actor, member) or role not in roles_to_give(actor):
        raise PermissionDenied
    if role != Role.OWNER:
        _refuse_last_owner(member)
    member.role = role
    member.save(update_fields=["role"])
    revoke_invitations_by(member.user, member.workspace, but=roles_to_give(member))


@transaction.atomic
def remove_member(actor: Membership, member: Membership) -> None:
    """End a membership, one's own or another's. What the person wrote stays, their key goes.

    :raises PermissionDenied: see :func:`may_change`; everybody may leave.
    :raises MembershipRefused: the workspace would be left without an owner.
    :raises Http404: one of the two has been removed meanwhile.
    """
    actor, member = _locked(actor, member)
    if actor.user_id != member.user_id and not may_change(actor, member):
        raise PermissionDenied
    _refuse_last_owner(member)
    revoke_invitations_by(member.user, member.workspace)
    ApiKey.objects.filter(workspace=member.workspace, member=member.user).delete()
    member.delete()


def _locked(actor: Membership, member: Membership) -> tuple[Membership, Membership]:
    """Both as they are now, and until we are done.

    Two owners who step down at the same moment would each see the other one still there, and one who
    has just lost a role would act with it once more.
    """
    workspace = actor.workspace
    workspace.lock()
    return get_member_of(workspace, actor.pk), get_member_of(workspace, member.pk)


def _refuse_last_owner(member: Membership) -> None:
    owners = Membership.objects.filter(workspace=member.workspace, role=Role.OWNER)
    if member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise MembershipRefused(
            f"{member.user.display_name} is the only owner of {member.workspace}. "
            "Make somebody else an owner first."
        )
